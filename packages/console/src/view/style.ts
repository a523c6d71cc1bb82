/**
 * The style sheet of every page. Colours are those of the sign-in pages of the local service. Each pair of text and ground has a
 * contrast of at least 4.5, in light and in dark.
 */
export const STYLE = `
:root{color-scheme:light dark;--ink:#161a20;--soft:#59636f;--line:#e2e6eb;--card:#fff;--ground:#f6f7f9;--field:#fff;--hover:#f4f7f9;--accent:#0a6b4d;--accent-ink:#fff;--wash:#e8f4ee;--hold:#7d5200;--hold-wash:#fdf1d7;--bad:#a3262c;--bad-wash:#fdeaea;--info:#2149a8;--info-wash:#e9effd;--bar:#2c9a74;--bar-hold:#d79b26;--shadow:0 1px 2px #10182808;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e7eaef;--soft:#98a3b1;--line:#262c35;--card:#15191e;--ground:#0d1013;--field:#101317;--hover:#1a1f26;--accent:#45d3a0;--accent-ink:#04241a;--wash:#11271f;--hold:#f0c063;--hold-wash:#2b220f;--bad:#ff9a9a;--bad-wash:#311719;--info:#a3beff;--info-wash:#161f38;--bar:#2f9f79;--bar-hold:#c08a2c;--shadow:none}}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;min-height:100vh;background:var(--ground);color:var(--ink);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline;text-underline-offset:.18em}
td a:not(.acct,.id,.route),main p a,.steps a{text-decoration:underline;text-decoration-color:var(--line);text-underline-offset:.22em}
td a:not(.acct,.id):hover,main p a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem;z-index:9;padding:.5rem 1rem;background:var(--card);color:var(--ink)}
.skip:focus{left:.5rem;top:.5rem}
.side{padding:.75rem 1rem 0;background:var(--card);border-bottom:1px solid var(--line);min-width:0}
.brand{display:flex;align-items:center;gap:.5rem;font-weight:700;font-size:1.05rem;letter-spacing:-.02em}
.brand a{color:var(--ink)}
.brand .user{margin-left:auto;font-size:.8rem;font-weight:400;letter-spacing:0;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.tag{flex:none;padding:.05rem .5rem;border-radius:99px;background:var(--wash);color:var(--accent);font-size:.72rem;font-weight:600;letter-spacing:0}
.db{display:flex;align-items:center;gap:.5rem;min-width:0;margin:.7rem 0 .2rem;font-weight:600}
.db span{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.db a{flex:none;font-weight:400;font-size:.8rem}
nav ul{display:flex;gap:.15rem;margin:.35rem -.4rem 0;padding:0;list-style:none;overflow-x:auto;scrollbar-width:none}
nav a{display:flex;align-items:center;gap:.55rem;padding:.4rem .55rem .5rem;color:var(--soft);white-space:nowrap;border-bottom:2px solid transparent}
nav a:hover{color:var(--ink);text-decoration:none}
nav a[aria-current]{color:var(--ink);font-weight:600;border-color:var(--accent)}
nav a:focus-visible{outline-offset:-2px}
nav svg{display:none;width:16px;height:16px;flex:none}
nav h2{display:none}
.top{display:flex;flex-wrap:wrap;align-items:center;gap:.6rem 1rem;padding:.8rem 1rem 0}
.search{flex:1;display:flex;max-width:34rem;min-width:12rem;position:relative}
.search input{width:100%;padding:.42rem .75rem;border:1px solid var(--line);border-radius:8px;background:var(--field);color:var(--ink);font:inherit;font-size:.9rem}
.search input::placeholder{color:var(--soft);opacity:1}
.search kbd{position:absolute;right:.55rem;top:.42rem;padding:0 .4rem;border:1px solid var(--line);border-radius:5px;background:var(--card);color:var(--soft);font:.75rem/1.4rem var(--mono)}
main{padding:1rem 1rem 3rem;min-width:0;max-width:96rem}
.foot{padding:0 1rem 2rem;color:var(--soft);font-size:.8rem}
@media(min-width:64rem){
body{display:grid;grid-template-columns:14.5rem minmax(0,1fr)}
.side{padding:0;border-bottom:0;border-right:1px solid var(--line)}
.side>div{position:sticky;top:0;height:100vh;display:flex;flex-direction:column;padding:1.1rem .9rem 1rem;overflow-y:auto}
.brand{padding:0 .55rem}
.brand .user{display:none}
.side .last{margin-top:auto;padding:1rem .55rem 0;font-size:.8rem;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.db{margin:1.2rem 0 .4rem;padding:.5rem .55rem;border:1px solid var(--line);border-radius:8px}
.db a{margin-left:auto}
nav ul{flex-direction:column;margin:.25rem 0 0;overflow:visible}
nav a{padding:.42rem .55rem;border:0;border-radius:7px}
nav a:hover{background:var(--hover)}
nav a[aria-current]{background:var(--wash);color:var(--accent)}
nav svg{display:block}
nav h2{display:block;margin:1.3rem .55rem .2rem;font-size:.72rem;font-weight:600;color:var(--soft)}
.top{padding:1rem 2rem 0}
main{padding:1.25rem 2rem 4rem}
.foot{padding:0 2rem 2rem}
}
@media(max-width:63.99rem){.side .last{display:none}}
.head{display:flex;flex-wrap:wrap;align-items:flex-end;justify-content:space-between;gap:.5rem 1.5rem;margin:0 0 1.1rem}
.crumbs{margin:0 0 .2rem;font-size:.82rem;color:var(--soft)}
h1{margin:0;font-size:1.45rem;line-height:1.25;letter-spacing:-.02em;overflow-wrap:anywhere}
h1 .id{font-size:.85em}
h2{margin:0;font-size:1rem;letter-spacing:-.01em}
h3{margin:0;font-size:.85rem;font-weight:600}
p{margin:.4rem 0}
.soft{color:var(--soft)}
.lead{margin:.25rem 0 0;color:var(--soft);max-width:60rem}
.card{margin:0 0 1.1rem;background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);min-width:0}
.card{container-type:inline-size}
@container(max-width:58rem){.card .last-id{display:none}}
.card>header{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.2rem 1rem;padding:.8rem 1rem .65rem}
.card>header p{margin:0;font-size:.82rem;color:var(--soft)}
.card>.body{padding:0 1rem 1rem}
.card>footer{padding:.6rem 1rem;border-top:1px solid var(--line);font-size:.85rem;color:var(--soft)}
.cols{display:grid;gap:0 1.1rem;grid-template-columns:minmax(0,1fr)}
@media(min-width:70rem){.cols.even,.cols>.pair{display:grid;gap:0 1.1rem;grid-template-columns:minmax(0,1fr) minmax(0,1fr)}}
@media(min-width:100rem){.cols.watch{grid-template-columns:minmax(0,8fr) minmax(0,5fr)}.cols>.pair{display:block}}
.tiles{display:grid;gap:.8rem;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));margin:0 0 1.1rem;padding:0;list-style:none}
.tile{padding:.85rem 1rem .9rem;background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);min-width:0}
.tile .top-line{display:flex;justify-content:space-between;align-items:center;gap:.5rem;font-size:.85rem;color:var(--soft)}
.tile .big{margin:.3rem 0 .1rem;font-size:1.55rem;line-height:1.25;font-weight:650;letter-spacing:-.02em;overflow-wrap:anywhere}
.tile .big .u{font-size:.62em;font-weight:500;letter-spacing:0}
.tile dl{display:flex;flex-wrap:wrap;gap:.1rem 1.2rem;margin:0;font-size:.82rem}
.tile dt{display:inline;color:var(--soft)}
.tile dd{display:inline;margin:0}
.n,.num,time,.id,td.n{font-variant-numeric:tabular-nums}
.n{white-space:nowrap}
.n i{font-style:normal;margin-left:.19em}
.u{color:var(--soft);font-size:.88em}
.id{font-family:var(--mono);font-size:.92em;white-space:nowrap}
.acct{display:inline-block;max-width:100%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;vertical-align:bottom;color:var(--ink)}
.acct:hover{color:var(--accent)}
time{white-space:nowrap}
.copy{margin-left:.35rem;padding:0 .3rem;border:1px solid var(--line);border-radius:5px;background:none;color:var(--soft);font:.7rem/1.2rem system-ui,sans-serif;cursor:pointer;vertical-align:1px;opacity:0}
tr:hover .copy,dd:hover .copy,h1:hover .copy,.copy:focus-visible,pre .copy{opacity:1}
.copy:hover{color:var(--ink);border-color:var(--soft)}
@media(hover:none){td .copy{display:none}.copy{opacity:1}}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{padding:.5rem .75rem;text-align:left;vertical-align:baseline;border-top:1px solid var(--line)}
th:first-child,td:first-child{padding-left:1rem}
th:last-child,td:last-child{padding-right:1rem}
thead th{border-top:1px solid var(--line);font-size:.78rem;font-weight:600;color:var(--soft);white-space:nowrap}
tbody th{font-weight:400}
th.r,td.r{text-align:right;white-space:nowrap}
td.fit,th.fit{width:1%;white-space:nowrap}
td.cut{max-width:0;width:26%;overflow:hidden}
td.kind{white-space:nowrap}
td.any{overflow-wrap:anywhere}
tbody tr:hover{background:var(--hover)}
tbody tr.at{background:var(--wash)}
tbody tr.new{animation:new 2.4s ease-out}
@keyframes new{from{background:var(--wash)}}
@media(prefers-reduced-motion:reduce){tbody tr.new{animation:none}}
tfoot td,tfoot th{border-top:2px solid var(--ink);font-weight:600;text-align:left}
tfoot td.r{text-align:right}
tfoot th.over{white-space:nowrap}
.route,.narrow-only{display:none}
@media(max-width:45rem){.change{display:block}.wide{display:none}.narrow-only{display:table-cell}td.cut,td.kind{width:100%;max-width:0;overflow:hidden}.route{display:block;font-size:.82rem;color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap}th,td{padding:.5rem .5rem}th:first-child,td:first-child{padding-left:1rem}th:last-child,td:last-child{padding-right:1rem}}
.badge{display:inline-block;padding:.02rem .5rem;border-radius:99px;font-size:.76rem;font-weight:600;white-space:nowrap;background:var(--ground);color:var(--soft);border:1px solid var(--line)}
.badge.good{background:var(--wash);color:var(--accent);border-color:transparent}
.badge.hold{background:var(--hold-wash);color:var(--hold);border-color:transparent}
.badge.bad{background:var(--bad-wash);color:var(--bad);border-color:transparent}
.badge.info{background:var(--info-wash);color:var(--info);border-color:transparent}
.empty{padding:1.4rem 1rem;color:var(--soft);border-top:1px solid var(--line)}
.note{margin:0 0 1.1rem;padding:.7rem 1rem;border-radius:10px;background:var(--hold-wash);color:var(--hold)}
.note.bad{background:var(--bad-wash);color:var(--bad)}
.note.good{background:var(--wash);color:var(--accent)}
.filters{display:flex;flex-wrap:wrap;align-items:flex-end;gap:.5rem .7rem;margin:0 0 1rem}
.filters label,.fields label{display:grid;gap:.15rem;font-size:.78rem;font-weight:600;color:var(--soft)}
input,select,textarea{padding:.4rem .6rem;border:1px solid var(--line);border-radius:8px;background:var(--field);color:var(--ink);font:inherit;font-size:.9rem;font-weight:400;min-width:0;max-width:100%}
.filters input,.filters select{width:10.5rem}
@media(max-width:45rem){.filters label{flex:1 1 8rem}.filters input,.filters select{width:100%}}
button,.button{display:inline-block;padding:.4rem .9rem;border:1px solid var(--line);border-radius:8px;background:var(--card);color:var(--ink);font:inherit;font-size:.9rem;font-weight:600;cursor:pointer}
button:hover,.button:hover{border-color:var(--soft);text-decoration:none}
button.main,.button.main{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
button.stop{color:var(--bad)}
.fields{display:grid;gap:.8rem 1rem;grid-template-columns:repeat(auto-fill,minmax(min(12.5rem,100%),1fr));margin:0 0 1rem}
.fields .all{grid-column:1/-1}
fieldset{margin:0 0 1rem;padding:0;border:0;min-width:0}
legend{padding:0;font-size:.78rem;font-weight:600;color:var(--soft)}
.ticks{display:flex;flex-wrap:wrap;gap:.4rem 1.2rem;margin:.3rem 0 0}
.ticks label{display:flex;gap:.4rem;align-items:center;font-size:.9rem;font-weight:400;color:var(--ink)}
.card>.form,form.card>.body{padding-top:.9rem}
.card>header+.form{padding-top:0}
.card>footer form{margin:0}
.head .button{margin-left:.3rem}
button[disabled]{opacity:.5;cursor:not-allowed}
.pages{display:flex;justify-content:space-between;gap:1rem;padding:.7rem 1rem;border-top:1px solid var(--line);font-size:.88rem}
.facts{margin:0;display:grid;grid-template-columns:minmax(0,1fr);gap:0}
.facts>div{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:.75rem;padding:.38rem 0;border-top:1px solid var(--line)}
.facts>div:first-child{border-top:0}
.facts dt{color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere;min-width:0}
.facts dd .id{white-space:normal}
@media(max-width:26rem){.facts>div{grid-template-columns:8.6rem minmax(0,1fr);gap:.5rem}}
.cmd{position:relative;margin:.4rem 0;padding:.55rem .75rem;border:1px solid var(--line);border-radius:8px;background:var(--ground);font-family:var(--mono);font-size:.84rem;white-space:pre-wrap;overflow-wrap:anywhere}
.cmd code::before{content:"$ ";color:var(--soft)}
code{font-family:var(--mono);font-size:.92em}
.tee{display:grid;grid-template-columns:1fr 1fr;font-size:.9rem}
.tee>div{min-width:0;padding:0 .9rem .6rem 0}
.tee>div+div{border-left:2px solid var(--ink);padding:0 0 .6rem .9rem}
.tee h3{padding:0 0 .35rem;border-bottom:2px solid var(--ink);margin:0 -.9rem .35rem 0;color:var(--soft);font-weight:600}
.tee>div+div h3{margin:0 0 .35rem -.9rem;padding-left:.9rem;text-align:right}
.tee ul{margin:0;padding:0;list-style:none}
.tee li{display:flex;justify-content:space-between;gap:.6rem;padding:.14rem 0}
.tee li>:first-child{color:var(--soft);overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.tee li.sum{margin-top:.3rem;padding-top:.35rem;border-top:1px solid var(--line);font-weight:600}
.tee li.sum>:first-child{color:var(--ink)}
.tee li.balance{border-top:3px double var(--ink);font-weight:700}
@media(max-width:30rem){.tee li{flex-direction:column;gap:0}.tee li>:last-child{text-align:right}}
.chart{display:block;width:100%;height:8.5rem;overflow:visible}
.key .chart{height:9px}
.tall .chart{height:13.5rem}
.chart text{fill:var(--soft);font:11px system-ui,sans-serif;font-variant-numeric:tabular-nums}
.chart .grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}
.chart .zero{stroke:var(--soft);stroke-width:1;vector-effect:non-scaling-stroke}
.chart .bar{fill:var(--bar)}
.chart .hold{fill:var(--bar-hold)}
.chart .bar:hover,.chart .hold:hover{filter:brightness(1.15)}
.chart .line{fill:none;stroke:var(--bar);stroke-width:2;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.chart .area{fill:var(--wash)}
.plot{position:relative}
.plot .axis{display:flex;justify-content:space-between;font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums;margin-top:.2rem}
.plot .y{position:absolute;right:0;top:-.55rem;padding:0 .25rem;background:var(--card);font-size:.75rem;color:var(--soft);font-variant-numeric:tabular-nums}
.plot .y.low{top:auto;bottom:1.1rem}
.key{display:inline-flex;align-items:center;gap:.35rem;margin-left:.9rem}
.key svg{width:9px;height:9px}
details>summary{cursor:pointer;color:var(--soft);font-size:.82rem}
details .scroll{max-height:18rem;overflow:auto;margin-top:.4rem}
.steps{margin:0;padding:0;list-style:none}
.steps>li{position:relative;padding:0 0 1rem 1.7rem}
.steps>li::before{content:"";position:absolute;left:.3rem;top:.32rem;width:.6rem;height:.6rem;border-radius:99px;background:var(--card);border:2px solid var(--soft)}
.steps>li.good::before{border-color:var(--bar);background:var(--bar)}
.steps>li.hold::before{border-color:var(--bar-hold);background:var(--bar-hold)}
.steps>li.bad::before{border-color:var(--bad)}
.steps>li::after{content:"";position:absolute;left:.66rem;top:1.25rem;bottom:-.15rem;border-left:2px solid var(--line)}
.steps>li:last-child{padding-bottom:0}
.steps>li:last-child::after{display:none}
.steps .when{color:var(--soft);font-size:.82rem}
.flow{display:grid;grid-template-columns:minmax(0,1fr) auto minmax(0,1fr);align-items:center;gap:.5rem 1rem;padding:.2rem 0 .4rem}
.flow>div{padding:.7rem .9rem;border:1px solid var(--line);border-radius:10px;background:var(--ground);min-width:0}
.flow>div:last-child{text-align:right}
.flow .mid{border:0;background:none;text-align:center;padding:0}
.flow .mid .n{font-weight:650;font-size:1.05rem}
.flow .arrow{display:block;color:var(--soft)}
@media(max-width:45rem){.flow{grid-template-columns:minmax(0,1fr)}.flow>div:last-child{text-align:left}.flow .arrow{display:none}}
.matrix td,.matrix th{border-left:1px solid var(--line)}
.matrix th:first-child,.matrix td:first-child{border-left:0}
.live{display:inline-flex;align-items:center;gap:.4rem;font-size:.8rem;color:var(--soft)}
.live::before{content:"";width:.5rem;height:.5rem;border-radius:99px;background:var(--line)}
.live.on::before{background:var(--bar);animation:beat 2s infinite}
@keyframes beat{50%{opacity:.35}}
@media(prefers-reduced-motion:reduce){.live.on::before{animation:none}}
@media print{
:root{--ground:#fff;--ink:#000;--soft:#333;--line:#bbb}
body{display:block;font-size:10pt}
.side,.top,.foot,.filters,.pages,.copy,.cmd,.card:has(>.body>.cmd),.button,.live,details{display:none!important}
main{padding:0;max-width:none}
.card,.tile{border:0;box-shadow:none;break-inside:avoid-page;margin-bottom:.6rem}
.tile,.card>header,.card>.body,.card>footer{padding-left:0;padding-right:0}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
td.wide,th.wide{display:table-cell}.narrow-only{display:none}
a{color:inherit}
tr{break-inside:avoid}
}
`

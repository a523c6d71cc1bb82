/** One style sheet for all pages, inside each page: its hash is in the content security policy. */
export const STYLE = `
:root{--ink:#14171d;--soft:#5a6372;--line:#dfe3ea;--card:#fff;--ground:#f4f6f8;--field:#fafbfc;--accent:#0a6b4d;--accent-ink:#fff;--danger:#a3262c;--danger-ink:#fff;--wash:#edf6f1;--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media(prefers-color-scheme:dark){:root{--ink:#e9ecf1;--soft:#9ba5b4;--line:#2b313b;--card:#181b21;--ground:#0f1115;--field:#12151a;--accent:#41d39f;--accent-ink:#05261b;--danger:#ff8f8f;--danger-ink:#2b0708;--wash:#14251e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-padding-top:1rem}
body{margin:0;min-height:100vh;padding:1.25rem 1rem 2rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:break-word}
header,main{width:100%;max-width:29rem;margin:0 auto}
.wide header,.wide main{max-width:46rem}
.docs header,.docs main{max-width:76rem}
header{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.25rem 1rem;padding:0 .25rem .9rem}
.brand{font-weight:700;font-size:1.1rem;letter-spacing:-.02em;color:var(--ink);text-decoration:none}
.tag{margin-left:.5rem;padding:.1rem .5rem;border-radius:99px;background:var(--wash);color:var(--accent);font-size:.75rem;font-weight:600;letter-spacing:0;vertical-align:.1em}
header nav{display:flex;gap:1rem;font-size:.9rem}
header nav a{color:var(--soft);text-decoration:none;padding:.25rem 0}
header nav a:hover{color:var(--ink);text-decoration:underline}
main{min-width:0;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem;box-shadow:0 1px 2px #0000000a,0 10px 30px #0000000d}
@media(min-width:40rem){body{padding-top:2.5rem}.narrow{padding-top:min(12vh,6rem)}main{padding:2rem}}
@media(max-width:26rem){main{padding:1.25rem 1.1rem}}
h1{margin:0 0 .5rem;font-size:1.4rem;line-height:1.25;letter-spacing:-.02em;text-wrap:balance}
h2{margin:2rem 0 .5rem;font-size:1.05rem;letter-spacing:-.01em}
h3{margin:1.25rem 0 .35rem;font-size:.9rem}
p{margin:.5rem 0}
a{color:var(--accent);text-underline-offset:.15em}
.soft{color:var(--soft);font-size:.9rem}
form{margin:1.1rem 0 0}
button,.button{display:block;width:100%;padding:.7rem 1rem;border:1px solid var(--line);border-radius:9px;background:var(--card);color:var(--ink);font:inherit;font-weight:600;text-align:center;cursor:pointer;text-decoration:none}
button:hover,.button:hover{border-color:var(--soft)}
button.main{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
button.main:hover{filter:brightness(1.08)}
button.stop{background:var(--danger);border-color:var(--danger);color:var(--danger-ink)}
button.small{width:auto;padding:.3rem .8rem;font-size:.875rem;border-radius:8px}
button.danger{color:var(--danger)}
button.plain{width:auto;margin:1.5rem 0 0;padding:0;border:0;background:none;color:var(--soft);font-weight:400;font-size:.9rem;text-decoration:underline;text-underline-offset:.15em}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button+button{margin-top:.6rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
.pair>*{margin:0}
.decide{position:sticky;bottom:0;padding:.6rem 0;background:linear-gradient(transparent,var(--card) .6rem)}
label{display:block;margin:.8rem 0 .25rem;font-size:.9rem;font-weight:600}
.hint{font-weight:400;color:var(--soft)}
input[type=text],input[type=email],select{width:100%;padding:.6rem .7rem;border:1px solid var(--line);border-radius:9px;background:var(--field);color:var(--ink);font:inherit}
.fields{display:grid;gap:0 1rem}
@media(min-width:40rem){.fields{grid-template-columns:1fr 1fr}}
.fields+button{margin-top:1.1rem}
label+input+button{margin-top:1rem}
input.big{font-family:var(--mono);font-size:1.3rem;letter-spacing:.12em;text-align:center;text-transform:uppercase}
details{margin-top:1.25rem;border-top:1px solid var(--line);padding-top:1rem}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
ul.scopes{list-style:none;margin:.75rem 0 .25rem;padding:0;border:1px solid var(--line);border-radius:9px}
ul.scopes li+li{border-top:1px solid var(--line)}
ul.scopes label{display:grid;grid-template-columns:auto 1fr auto;gap:0 .7rem;align-items:baseline;margin:0;padding:.55rem .8rem;font-weight:400;cursor:pointer}
ul.scopes input{accent-color:var(--accent);width:1rem;height:1rem;margin:0;align-self:center}
ul.scopes code{color:var(--soft);font-size:.78rem;white-space:nowrap}
@media(max-width:26rem){ul.scopes label{grid-template-columns:auto 1fr;padding:.45rem .7rem}ul.scopes code{grid-column:2}}
code,kbd,pre{font-family:var(--mono);font-size:.9em}
.code{margin:1rem 0;padding:.7rem;border-radius:9px;background:var(--wash);font-family:var(--mono);font-size:1.6rem;letter-spacing:.12em;text-align:center;font-weight:600}
.secret{margin:.75rem 0;padding:.8rem;border-radius:9px;background:var(--wash);font-family:var(--mono);font-size:.9rem;overflow-wrap:anywhere;-webkit-user-select:all;user-select:all}
.notice{margin:1rem 0;padding:.9rem 1rem;border:1px solid var(--accent);border-radius:9px}
.notice p{margin:0}
.notice .secret{margin-top:.7rem}
.who{display:flex;gap:.8rem;align-items:center;margin:.9rem 0;padding:.7rem .8rem;border:1px solid var(--line);border-radius:9px}
.who>span{min-width:0;overflow-wrap:anywhere}
.who b,.who .soft{display:block}
.dot{flex:none;display:grid;place-items:center;width:2.4rem;height:2.4rem;border-radius:50%;background:var(--wash);color:var(--accent);font-weight:700}
ul.cards{list-style:none;margin:1rem 0;padding:0;display:grid;gap:.7rem}
ul.cards>li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:.35rem 1rem;align-items:start;padding:.8rem .9rem;border:1px solid var(--line);border-radius:10px}
ul.cards h2{margin:0;font-size:1rem;overflow-wrap:anywhere}
ul.cards form{margin:0;grid-row:1;grid-column:2}
dl.facts{grid-column:1/-1;display:grid;grid-template-columns:1fr 1fr;gap:.55rem 1rem;margin:.2rem 0 0;font-size:.875rem}
@media(min-width:40rem){dl.facts{grid-template-columns:repeat(3,1fr)}}
dl.facts dt{color:var(--soft);font-size:.78rem}
dl.facts dd{margin:0;overflow-wrap:anywhere}
.expired{color:var(--danger)}
ul.ways{list-style:none;margin:1.25rem 0 0;padding:0;display:grid;gap:.6rem}
ul.ways a{display:block;padding:.7rem .9rem;border:1px solid var(--line);border-radius:10px;color:var(--ink);text-decoration:none}
ul.ways a:hover{border-color:var(--accent)}
ul.ways b,ul.ways span{display:block}
.table{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9rem}
td,th{padding:.45rem .9rem .45rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
td:first-child{white-space:nowrap}
td:last-child{padding-right:0}
pre{margin:.5rem 0;padding:.8rem .9rem;border-radius:9px;background:var(--field);border:1px solid var(--line);font-size:.82rem;line-height:1.55;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:2}
pre .soft{font-size:inherit}
.docs-grid{display:block}
.toc{margin:1rem 0;font-size:.9rem}
.toc ul{list-style:none;margin:0 0 .6rem;padding:0}
.toc li a{display:block;padding:.2rem 0;text-decoration:none;color:var(--ink)}
.toc li a:hover{color:var(--accent);text-decoration:underline}
.toc b{display:block;margin:.6rem 0 .1rem;color:var(--soft);font-size:.78rem;font-weight:600}
.toc details{margin:0;padding:.7rem .9rem;border:1px solid var(--line);border-radius:10px}
.toc summary{color:var(--ink);font-weight:600}
section{margin-top:2.25rem;padding-top:1.5rem;border-top:1px solid var(--line)}
section h2{margin-top:0;font-size:1.2rem}
.route{margin:.5rem 0;padding:.5rem .8rem;border-radius:9px;background:var(--wash);font-family:var(--mono);font-size:.9rem;overflow-wrap:anywhere}
.sample{margin:.6rem 0 0;border:0;padding:0}
.sample summary{font-weight:600}
@media(max-width:62rem){.toc.side{display:none}}
@media(min-width:62rem){.docs-grid{display:grid;grid-template-columns:15rem minmax(0,1fr);gap:2.5rem}.toc.top{display:none}.toc.side{position:sticky;top:1rem;align-self:start;max-height:calc(100vh - 2rem);overflow-y:auto;margin:0;padding-right:.5rem}}
`

export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b6e4f'/%3E%3Cpath d='M5 12V4h4a2.5 2.5 0 0 1 0 5H7' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"

/** One style sheet for all pages, inside each page: its hash is in the content security policy. */
export const STYLE = `
:root{--ink:#16181d;--soft:#5b6270;--line:#e2e4ea;--card:#fff;--ground:#f5f6f8;--accent:#0b6e4f;--accent-ink:#fff;--danger:#a3262c;--wash:#eef6f2}
@media(prefers-color-scheme:dark){:root{--ink:#eceef2;--soft:#9aa2b1;--line:#2c313b;--card:#191c22;--ground:#101216;--accent:#3ecf9a;--accent-ink:#06281c;--danger:#ff8d8d;--wash:#16261f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{width:100%;min-width:0;max-width:29rem;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:2rem;box-shadow:0 1px 2px #0000000d,0 12px 32px #0000000f}
main.wide{max-width:44rem}
.brand{margin:0 0 1.5rem;font-weight:700;letter-spacing:-.02em;font-size:1.15rem}
.tag{margin-left:.5rem;padding:.1rem .5rem;border-radius:99px;background:var(--wash);color:var(--accent);font-size:.75rem;font-weight:600;letter-spacing:0;vertical-align:.1em}
h1{margin:0 0 .5rem;font-size:1.4rem;line-height:1.25;letter-spacing:-.02em}
h2{margin:2rem 0 .5rem;font-size:1rem}
p{margin:.5rem 0}
.soft{color:var(--soft);font-size:.9rem}
form{margin:1.25rem 0 0}
button,.button{display:block;width:100%;padding:.7rem 1rem;border:1px solid var(--line);border-radius:9px;background:transparent;color:var(--ink);font:inherit;font-weight:600;text-align:center;cursor:pointer;text-decoration:none}
button:hover{border-color:var(--soft)}
button.main{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
button.main:hover{filter:brightness(1.08)}
button.small{display:inline-block;width:auto;padding:.25rem .7rem;font-size:.85rem;border-radius:7px}
button.danger{color:var(--danger)}
button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
button+button,form+form{margin-top:.6rem}
input+button,select+button{margin-top:1rem}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:.6rem}
.pair button{margin:0}
label{display:block;margin:.8rem 0 .25rem;font-size:.9rem;font-weight:600}
input[type=text],input[type=email],select{width:100%;padding:.6rem .7rem;border:1px solid var(--line);border-radius:9px;background:var(--ground);color:var(--ink);font:inherit}
details{margin-top:1.25rem;border-top:1px solid var(--line);padding-top:1rem}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
ul.scopes{list-style:none;margin:1rem 0;padding:0;border:1px solid var(--line);border-radius:9px;overflow:hidden}
ul.scopes li+li{border-top:1px solid var(--line)}
ul.scopes label{display:flex;gap:.7rem;align-items:baseline;margin:0;padding:.6rem .8rem;font-weight:400;cursor:pointer}
ul.scopes input{accent-color:var(--accent);flex:none}
ul.scopes code{margin-left:auto;color:var(--soft);font-size:.8rem;white-space:nowrap}
code,.code,kbd{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.code{margin:1rem 0;padding:.8rem;border-radius:9px;background:var(--wash);font-size:1.6rem;letter-spacing:.12em;text-align:center;font-weight:600}
.secret{margin:1rem 0;padding:.8rem;border-radius:9px;background:var(--wash);font-size:.9rem;overflow-wrap:anywhere;user-select:all;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.who{display:flex;gap:.8rem;align-items:center;margin:1rem 0;padding:.8rem;border:1px solid var(--line);border-radius:9px}
.who b{display:block}
.dot{flex:none;display:grid;place-items:center;width:2.4rem;height:2.4rem;border-radius:50%;background:var(--wash);color:var(--accent);font-weight:700}
.inline{display:inline;margin:0}
.table{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.9rem}
th,td{padding:.5rem .5rem .5rem 0;border-bottom:1px solid var(--line);text-align:left}
th{color:var(--soft);font-weight:600}
td:last-child{text-align:right;padding-right:0}
td form{margin:0}
a{color:var(--accent)}
pre{margin:.5rem 0;padding:.8rem;border-radius:9px;background:var(--wash);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8rem;overflow-x:auto}
h3{margin:1.25rem 0 .25rem;font-size:.9rem}
section{margin-top:2.5rem;padding-top:.5rem;border-top:1px solid var(--line)}
.code.route{padding:.5rem .8rem;font-size:.9rem;letter-spacing:0;text-align:left;overflow-wrap:anywhere}
section td:last-child{text-align:left}
section td:first-child{white-space:nowrap;vertical-align:top}
`

export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230b6e4f'/%3E%3Cpath d='M5 12V4h4a2.5 2.5 0 0 1 0 5H7' fill='none' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E"

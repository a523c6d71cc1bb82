/** What the pages do where scripts run: live rows, copy buttons, keys, and clocks of holds. Without it every page works. */
export const SCRIPT = `'use strict'
const all = (selector, root = document) => [...root.querySelectorAll(selector)]
function addCopy(root) {
  for (const place of all('[data-copy]', root)) {
    if (place.dataset.ready) continue
    place.dataset.ready = '1'
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'copy'
    button.textContent = 'copy'
    button.setAttribute('aria-label', 'Copy ' + place.dataset.copy.slice(0, 60))
    button.addEventListener('click', async (event) => {
      event.preventDefault()
      try { await navigator.clipboard.writeText(place.dataset.copy); button.textContent = 'copied' }
      catch { getSelection().selectAllChildren(place); button.textContent = 'selected' }
      setTimeout(() => { button.textContent = 'copy' }, 1200)
    })
    if (place.tagName === 'PRE') place.append(button)
    else place.after(button)
  }
}
function left(seconds) {
  if (seconds <= 0) return 'over'
  const parts = []
  for (const [unit, size] of [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]]) {
    const count = Math.floor(seconds / size)
    if (count === 0 && parts.length === 0) continue
    parts.push(count + ' ' + unit)
    seconds -= count * size
    if (parts.length === 2) break
  }
  return parts.join(' ')
}
function tick() {
  for (const clock of all('[data-until]')) clock.textContent = left(Math.floor((Number(clock.dataset.until) - Date.now()) / 1000))
}
function follow(body) {
  const sign = document.querySelector('.live')
  const source = new EventSource(body.dataset.live)
  const state = (on) => { if (sign) { sign.hidden = false; sign.classList.toggle('on', on); sign.lastChild.textContent = on ? 'live' : 'reconnecting' } }
  source.onopen = () => state(true)
  source.onerror = () => state(false)
  source.addEventListener('rows', (event) => {
    const {html, skipped} = JSON.parse(event.data)
    const place = document.createElement('template')
    place.innerHTML = html
    const rows = [...place.content.children]
    for (const row of rows) row.classList.add('new')
    body.prepend(...rows)
    while (body.children.length > Number(body.dataset.rows)) body.lastElementChild.remove()
    if (skipped > 0 && sign) sign.lastChild.textContent = 'live, ' + skipped + ' more'
    const empty = document.querySelector('[data-empty]')
    if (empty) empty.remove()
    addCopy(body)
  })
  source.addEventListener('tiles', (event) => {
    const place = document.querySelector('[data-tiles]')
    if (place) place.innerHTML = JSON.parse(event.data).html
  })
  addEventListener('pagehide', () => source.close())
}
function move(step) {
  const rows = all('tbody tr').filter((row) => row.querySelector('a'))
  if (rows.length === 0) return
  const now = rows.findIndex((row) => row.contains(document.activeElement))
  const next = rows[Math.max(0, Math.min(rows.length - 1, now < 0 ? 0 : now + step))]
  const links = all('a', next)
  ;(links.find((link) => link.matches('.open')) ?? links.at(-1)).focus()
  for (const row of rows) row.classList.toggle('at', row === next)
  next.scrollIntoView({block: 'nearest'})
}
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input,select,textarea')) return
  if (event.key === '/') { event.preventDefault(); document.querySelector('.search input')?.focus() }
  if (event.key === 'j') move(1)
  if (event.key === 'k') move(-1)
})
for (const key of all('.search kbd')) key.hidden = false
addCopy(document)
setInterval(tick, 1000)
for (const body of all('tbody[data-live]')) follow(body)
`

import {formatDuration} from '../duration.js'
import {cleanLine} from '../text.js'
import {FIRST_FRAME} from './first-line.js'
import type {Terminal} from './terminal.js'
import {displayWidth} from './view.js'

/** How far the work is. With `total` there is a bar, a rate and the time left; with `done` alone the number and a rate; else what is happening and for how long. */
export interface ProgressState {
  /** What is happening, such as `books is PROVISIONING`. */
  text: string
  done?: number
  total?: number
  /** What is counted, such as `transfers`. */
  unit?: string
}

export interface Progress {
  /** A new state. A changed `text` is said at once where nothing can be drawn. */
  update(state: ProgressState): void
  /** Takes the line away and stops; to be called whatever happened. */
  end(): void
}

export interface ProgressOptions {
  now?: () => number
  /** Off a terminal: how long nothing is said while the text stays the same. */
  everyMs?: number
}

const FRAME_MS = 100
const EVERY_MS = 5000
const FRAMES = [FIRST_FRAME, '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/**
 * Shows that long work continues: one line that is drawn over and over on a terminal, and elsewhere a plain line on stderr
 * every few seconds (rule 14: no animation in a log).
 */
export function startProgress(
  terminal: Pick<Terminal, 'draw' | 'say' | 'columns'>,
  first: ProgressState,
  {now = Date.now, everyMs = EVERY_MS}: ProgressOptions = {},
): Progress {
  const startedAt = now()
  let state = first
  let frame = 0
  const {draw} = terminal
  const tick = () => {
    const line = progressLine(state, now() - startedAt, draw && {columns: terminal.columns ?? 80})
    if (draw) draw(`${FRAMES[frame++ % FRAMES.length]} ${line}`)
    else terminal.say(line)
  }
  tick()
  const timer = setInterval(tick, draw ? FRAME_MS : everyMs)
  timer.unref()
  return {
    update(next) {
      const changed = next.text !== state.text
      state = next
      if (changed && !draw) {
        timer.refresh()
        tick()
      }
    },
    end() {
      clearInterval(timer)
      draw?.('')
    },
  }
}

const BAR_COLUMNS_MAX = 24
/** The spinner, its space, the space before the bar, and the last column, which would make the line wrap. */
const ROOM_BESIDE = 5

/** The line itself, as plain text: `drawn` adds the bar, which has no place in a log. */
export function progressLine(state: ProgressState, elapsedMs: number, drawn?: {columns: number}): string {
  const {done, total, unit = ''} = state
  const text = cleanLine(state.text)
  if (done !== undefined && total === undefined) {
    const counted = `${text}: ${done}${unit && ` ${unit}`}`
    return elapsedMs < 1000 ? counted : `${counted} (${Math.round(done / (elapsedMs / 1000))}/s)`
  }
  if (done === undefined || total === undefined) {
    const time = elapsedMs < 1000 ? '' : ` (${formatDuration(elapsedMs)})`
    return shortened(text, drawn && drawn.columns - time.length - ROOM_BESIDE) + time
  }
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const perSecond = elapsedMs < 1000 ? undefined : done / (elapsedMs / 1000)
  const facts = [`${done}/${total}${unit && ` ${unit}`}`, `${Math.floor(share * 100)} %`]
  if (perSecond) facts.push(`${Math.round(perSecond)}/s`, `${formatDuration(((total - done) / perSecond) * 1000)} left`)
  const words = `${text} ${facts.join(' · ')}`
  const room = drawn === undefined ? 0 : Math.min(BAR_COLUMNS_MAX, drawn.columns - words.length - ROOM_BESIDE)
  if (room < 6) return words
  const filled = Math.round(share * room)
  return `${text} ${'█'.repeat(filled)}${'░'.repeat(room - filled)} ${facts.join(' · ')}`
}

/** What tells most stands at the end: the time. So the text gives way. */
function shortened(text: string, columns: number | undefined): string {
  return columns === undefined || displayWidth(text) <= columns ? text : `${text.slice(0, Math.max(8, columns - 1))}…`
}

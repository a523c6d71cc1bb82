export {type Paint, paint, plain, type Style, wantsColour} from './colour.js'
export {errorText} from './error-text.js'
export {type Progress, type ProgressOptions, type ProgressState, progressLine, startProgress} from './progress.js'
export {type Confirmation, confirmByName, type Question, type Subject} from './question.js'
export {createTerminal, type Terminal, type TerminalOptions} from './terminal.js'
export {
  type Cell,
  type Column,
  type Details,
  displayWidth,
  type LookOptions,
  padEnd,
  padStart,
  render,
  type Table,
  type View,
} from './view.js'

export {
  type Catalog,
  type CommandEntry,
  childrenOf,
  findCommand,
  isTopic,
  topicOf,
  typed,
  visibleCommands,
} from './catalog.js'
export {aboutTheCli, catalogOf} from './from-config.js'
export {guessCommand} from './guess.js'
export {terminalLook} from './look.js'
export {helpText} from './show.js'

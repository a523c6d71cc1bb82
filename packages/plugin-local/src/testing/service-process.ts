/**
 * All that the process of `startParix` loads, alone in a module of its own: the build puts it into a few files in its place, which
 * load in a third of the time that the 300 of the packages take (docs/decisions/0015).
 */
export {serve} from './serve.js'

export {type ResolvedDatabase, resolveDatabase, withDatabase} from './resolve.js'

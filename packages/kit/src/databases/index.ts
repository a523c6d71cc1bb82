export {type ResolvedDatabase, resolveDatabase, searchDatabases, withDatabase} from './resolve.js'

export {databasePages, looksCut, withoutPaging} from './list.js'
export {type ResolvedDatabase, resolveDatabase, searchDatabases, withDatabase} from './resolve.js'

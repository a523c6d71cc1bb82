export {type Api, type ApiOptions, type ApiRequest, type ApiResponse, type ApiStream, createApi} from './client.js'
export {readJsonResponse} from './json-answer.js'
export {problemError} from './problem.js'

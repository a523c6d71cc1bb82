export {type Api, type ApiAnswer, type ApiOptions, type ApiRequest, type ApiStream, createApi} from './client.js'
export {readJsonAnswer} from './json-answer.js'
export {problemError} from './problem.js'

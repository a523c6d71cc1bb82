/**
 * got, alone in a module of its own: the build puts got and its dependencies into one file in its place (`lib/http/engine.cjs`),
 * so that an installed plugin with its own kit loads one file in place of 23 packages (docs/decisions/0002).
 */
export {got} from 'got'

/** jq with its WebAssembly in one file, so that the bundled CLI can keep it as one file beside its own (scripts/build/bundle.ts). */
export {loadJq} from 'jq-wasm/inline'

// The CLI of lib/, whose plugins oclif finds by itself, without the bundle: what the bundle must not differ from.
const {join, resolve} = require('node:path')

const root = resolve(__dirname, '../..')
const argv = process.argv.slice(2)
void Promise.all(['cli', 'guard'].map((name) => import(join(root, 'lib/runner', `${name}.js`)))).then(
  ([{runCli}, {guardProcess}]) => runCli({argv, root, guard: guardProcess(argv)}),
)

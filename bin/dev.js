#!/usr/bin/env -S node --conditions=parix-source
// The CLI from its TypeScript sources, which oclif finds by itself: what a change does, without a build.
const {join, dirname} = require('node:path')
const {pathToFileURL} = require('node:url')
const {settings} = require('@oclif/core/settings')
const {Plugin} = require('@oclif/core/config')
require('tsx/esm/api').register()

// An oclif.manifest.json pins every command to lib/; in development, read src/ instead.
const {load} = Plugin.prototype
Plugin.prototype.load = function () {
  if (!/[\\/]node_modules[\\/]@oclif[\\/]/.test(this.options.root ?? '')) this.options.ignoreManifest = true
  return load.call(this)
}

process.env.NODE_ENV = 'development'
settings.enableAutoTranspile = true
const root = dirname(__dirname)
const source = (name) => import(pathToFileURL(join(root, 'src', 'runner', name)).href)
void Promise.all([source('cli.ts'), source('guard.ts')]).then(([{runCli}, {guardProcess}]) => {
  const argv = process.argv.slice(2)
  return runCli({argv, root, guard: guardProcess(argv)})
})

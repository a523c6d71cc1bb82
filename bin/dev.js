#!/usr/bin/env -S node --conditions=parix-source
// Plain oclif, from the TypeScript sources: what a change does, without a build.
const {dirname} = require('node:path')
const {Plugin, execute} = require('@oclif/core')

// An oclif.manifest.json pins every command to lib/; in development, read src/ instead.
const {load} = Plugin.prototype
Plugin.prototype.load = function () {
  if (!/[\\/]node_modules[\\/]@oclif[\\/]/.test(this.options.root ?? '')) this.options.ignoreManifest = true
  return load.call(this)
}

execute({development: true, dir: dirname(__dirname)})

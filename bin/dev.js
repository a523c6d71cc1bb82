#!/usr/bin/env -S node --conditions=parix-source
import {execute, Plugin} from '@oclif/core'

// A committed oclif.manifest.json pins every command to lib/; in development, read src/ instead.
const {load} = Plugin.prototype
Plugin.prototype.load = function () {
  if (!(this.options.root ?? '').includes('/node_modules/@oclif/')) this.options.ignoreManifest = true
  return load.call(this)
}

await execute({development: true, dir: import.meta.url})

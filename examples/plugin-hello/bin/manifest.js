// Writes oclif.manifest.json, so that parix need not load every command to know what there is.
import {rmSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core'

const root = fileURLToPath(new URL('..', import.meta.url))
rmSync(`${root}/oclif.manifest.json`, {force: true})
const plugin = new Plugin({root, errorOnManifestCreate: true, respectNoCacheDefault: true, type: 'core'})
await plugin.load()
writeFileSync(`${root}/oclif.manifest.json`, `${JSON.stringify(plugin.manifest, null, 2)}\n`)

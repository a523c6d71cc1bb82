#!/usr/bin/env node
// A browser for $BROWSER: opens the address it is given, signs in, and presses Allow (or, with PARIX_TEST_BROWSER=deny, Deny).
// It runs as it was built where that is newer than each source: the compiler takes four fifths of a run. Else from source, so that
// no build is needed for the tests.
import {statSync} from 'node:fs'

const changedAt = (path) => statSync(new URL(path, import.meta.url), {throwIfNoEntry: false})?.mtimeMs ?? 0
const isBuilt = ['browser', 'browser/exchange', 'browser/html'].every(
  (name) => changedAt(`../lib/${name}.js`) > changedAt(`../src/${name}.ts`),
)
if (!isBuilt) (await import('tsx/esm/api')).register()
const {signInWithBrowser} = await import(isBuilt ? '../lib/browser.js' : '../src/browser.ts')
const page = await signInWithBrowser(process.argv[2], {
  decision: process.env.PARIX_TEST_BROWSER === 'deny' ? 'deny' : 'allow',
})
process.stderr.write(`browser: ${page.status} ${page.title}\n`)

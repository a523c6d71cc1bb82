#!/usr/bin/env node
// A browser for $BROWSER: opens the address it is given, signs in, and presses Allow (or, with PARIX_TEST_BROWSER=deny, Deny).
// It runs from source, so that no build is needed for the tests.
import {register} from 'tsx/esm/api'

register()
const {signInWithBrowser} = await import('../src/browser.ts')
const page = await signInWithBrowser(process.argv[2], {
  decision: process.env.PARIX_TEST_BROWSER === 'deny' ? 'deny' : 'allow',
})
process.stderr.write(`browser: ${page.status} ${page.title}\n`)

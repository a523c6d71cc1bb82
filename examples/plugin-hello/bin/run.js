#!/usr/bin/env node
// Runs this plugin alone, as if it were the whole CLI: for its test, and while you write it.
import {execute} from '@oclif/core'

await execute({dir: import.meta.url})

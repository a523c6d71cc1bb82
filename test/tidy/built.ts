import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type RunResult, residentParix, startProgram, type TestHome} from '@parix/testkit'
import {pluginWorkspaces, ROOT} from '../../scripts/build/workspaces.js'
import type {CommandEntry} from '../../src/help/catalog.js'

/** Every command of the CLI and its bundled plugins, hidden ones too, from the built manifests. */
export function allCommands(): CommandEntry[] {
  return pluginWorkspaces().flatMap(({directory}) => {
    const manifest = JSON.parse(readFileSync(join(directory, 'oclif.manifest.json'), 'utf8')) as {
      commands: Record<string, CommandEntry>
    }
    return Object.values(manifest.commands)
  })
}

/** Runs the built CLI. */
export function built(words: readonly string[], home: TestHome, env: Record<string, string> = {}): Promise<RunResult> {
  return startProgram([join(ROOT, 'bin/run.js')], words, {cwd: home.path, home, env, timeoutMs: 540_000}).result
}

/** What the built CLI says and does, by a process that this test process keeps: see `residentParix`. */
export function resultOf(
  words: readonly string[],
  home: TestHome,
  env: Record<string, string> = {},
): Promise<RunResult> {
  return residentParix(words, {cwd: home.path, home, env, timeoutMs: 120_000})
}

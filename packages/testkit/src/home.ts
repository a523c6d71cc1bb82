import {mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import type {SessionFile} from '@parix/kit/contract'

/** A home of one test's own: nothing may touch the real one. */
export interface TestHome {
  readonly path: string
  /** `session.json`, whether it exists or not. */
  readonly sessionPath: string
  /** HOME and the XDG directories, all inside; nothing else of the developer's environment but PATH. */
  readonly environment: Record<string, string>
  /** Writes a file under the home (0600, directories 0700) and returns its path. A value that isn't text is written as JSON. */
  write(path: string, content: unknown, mode?: number): string
  read(path: string): string
  /** Permission bits of a file or directory under the home. */
  mode(path: string): number
  remove(): void
}

/** @param under where to make it; the system's temporary directory when left out */
export function makeHome(under = tmpdir()): TestHome {
  const path = mkdtempSync(join(under, 'parix-home-'))
  const absolute = (relative: string) => join(path, relative)
  return {
    path,
    sessionPath: absolute('.config/parix/session.json'),
    environment: {
      HOME: path,
      PATH: process.env.PATH ?? '',
      XDG_CONFIG_HOME: absolute('.config'),
      XDG_DATA_HOME: absolute('.local/share'),
      XDG_STATE_HOME: absolute('.local/state'),
      XDG_CACHE_HOME: absolute('.cache'),
      TMPDIR: tmpdir(),
    },
    write(relative, content, mode = 0o600) {
      mkdirSync(dirname(absolute(relative)), {recursive: true, mode: 0o700})
      writeFileSync(absolute(relative), typeof content === 'string' ? content : JSON.stringify(content), {mode})
      return absolute(relative)
    },
    read: (relative) => readFileSync(absolute(relative), 'utf8'),
    mode: (relative) => statSync(absolute(relative)).mode & 0o777,
    remove: () => removeAll(path),
  }
}

/** Runs `work` with a home that is gone afterwards. */
export async function withHome<T>(work: (home: TestHome) => Promise<T> | T): Promise<T> {
  const home = makeHome()
  try {
    return await work(home)
  } finally {
    home.remove()
  }
}

/**
 * A process that a test let go may still be writing: a directory that was just emptied is not empty then. rmSync tries only the
 * directory itself again, not what is new in it.
 */
function removeAll(path: string, tries = 10): void {
  try {
    rmSync(path, {recursive: true, force: true, maxRetries: 3, retryDelay: 50})
  } catch (error) {
    if (tries === 1 || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    removeAll(path, tries - 1)
  }
}

/** A session as existing installations have it; overrides go in on top. Valid for an hour unless they say otherwise. */
export function sessionFile(overrides: Partial<SessionFile> & Record<string, unknown> = {}): SessionFile {
  return {
    version: 2,
    baseUrl: 'https://parix.io',
    accessToken: 'access-token-1',
    accessTokenExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    refreshToken: 'refresh-token-1',
    tokenType: 'Bearer',
    scopes: ['openid', 'profile', 'email', 'offline_access', 'org:read', 'db:read', 'db:write', 'billing:read'],
    createdAt: '2026-01-02T03:04:05.000Z',
    updatedAt: '2026-01-02T03:04:05.000Z',
    user: {id: 'user_1', email: 'ada@example.com', emailVerified: true, name: 'Ada', image: null},
    organization: {id: 'org_1', name: 'Analytical Engines', slug: 'engines', memberRole: 'owner'},
    ...overrides,
  }
}

/** ISO time of a token that expired a minute ago. */
export function expired(): string {
  return new Date(Date.now() - 60_000).toISOString()
}

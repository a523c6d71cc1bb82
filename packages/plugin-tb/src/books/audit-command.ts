import {readFileSync, statSync} from 'node:fs'
import {isoOf} from '@parix/books/periods'
import {digestOfSeal, firstChunkThatDiffers, firstRowThatDiffers, type Seal} from '@parix/books/seal'
import {assertReplaceable, replaceFile} from '@parix/files/atomic-write'
import type {Api} from '@parix/kit/api'
import type {ResolvedDatabase} from '@parix/kit/databases'
import {ParixError} from '@parix/kit/errors'
import {readNamedText} from '@parix/kit/named-file'
import {startProgress, type Terminal} from '@parix/kit/output'
import {type AuditDepth, type AuditResult, audit} from './read-audit.js'

/** `--json` of an audit without findings; findings are an error with exit code 6. */
export interface AuditReport {
  database: {id: string; name: string}
  depth: AuditDepth
  accounts: number
  transfers: number
  /** What it is true of: RFC 3339. */
  until: string
  findings: []
  seal?: Seal
}

export interface AuditCall {
  api: Api
  database: ResolvedDatabase
  terminal: Terminal
  depth: AuditDepth
  seal: string | undefined
  against: string | undefined
  previous: string | undefined
  /** The books as of this moment, in nanoseconds. */
  at: bigint | undefined
}

/** @throws ParixError REFUSED with what is wrong with the books, or where they differ from a seal */
export async function runAudit({
  api,
  database,
  terminal,
  depth,
  seal,
  against,
  previous,
  at,
}: AuditCall): Promise<{result: AuditReport; text: string}> {
  const sealed = against === undefined ? undefined : await readSeal(against, terminal)
  const before = previous === undefined ? undefined : await readSeal(previous, terminal)
  // Nobody waits for a whole audit to read that its seal has no place.
  if (seal !== undefined) for (const path of [seal, `${seal}.rows`]) assertReplaceable(path)
  const progress = startProgress(terminal, {text: `Auditing ${database.name}`})
  const update = (rows: number) => progress.update({text: `Auditing ${database.name}: ${rows} transfers`})
  const result = await audit({
    reader: {api, databaseId: database.id},
    depth: (seal !== undefined || at !== undefined) && depth === 'quick' ? 'deep' : depth,
    seal: seal !== undefined || sealed !== undefined,
    until: sealed === undefined ? at : BigInt(sealed.until),
    digestOnly: sealed !== undefined,
    progress: update,
  }).finally(progress.end)
  if (result.findingsCount > 0) throw wrongBooks(database.name, result)
  if (sealed !== undefined) compare(sealed, against!, result, database.name)
  const made = seal === undefined ? undefined : sealOf(result, api, database, before)
  if (made !== undefined) {
    replaceFile(seal!, `${JSON.stringify(made, null, 2)}\n`, 'keep')
    replaceFile(`${seal}.rows`, result.sealed!.digest.rowDigests(), 'keep')
  }
  const {accounts, transfers, until} = result
  const words = {
    quick: 'Every ledger is balanced and every limit is kept',
    deep: 'Every account is what its transfers make it',
    replay: 'Executed again, history gives the same books',
  }[result.depth]
  const what = transfers === 0 ? `${accounts} accounts` : `${accounts} accounts, ${transfers} transfers`
  const text =
    sealed === undefined
      ? `${words}: ${what} of ${database.name}, as of ${isoOf(until)}.`
      : `${database.name} has every row of the seal ${against} as it was: ${what}, up to ${isoOf(until)}.`
  return {
    result: {
      database: {id: database.id, name: database.name},
      depth: result.depth,
      accounts,
      transfers,
      until: isoOf(until),
      findings: [],
      ...(made && {seal: made}),
    },
    text: made === undefined ? text : `${text} Sealed in ${seal}.`,
  }
}

function wrongBooks(name: string, {findings, findingsCount}: AuditResult): ParixError {
  return new ParixError(
    'REFUSED',
    `${findingsCount === 1 ? 'One thing is' : `${findingsCount} things are`} wrong with the books of ${name}.`,
    {
      code: 'audit_failed',
      errors: [
        ...findings.slice(0, 100).map(({message}) => message),
        ...(findingsCount > 100 ? [`and ${findingsCount - 100} more`] : []),
      ],
    },
  )
}

function sealOf({sealed}: AuditResult, api: Api, database: ResolvedDatabase, previous: Seal | undefined): Seal {
  const {digest, until, ledgers} = sealed!
  return {
    format: 'parix-seal/1',
    service: api.base.origin,
    databaseId: database.id,
    clusterId: null,
    until: String(until),
    accounts: digest.accounts,
    transfers: digest.transfers,
    ...digest.finish(),
    ledgers: Object.fromEntries([...ledgers].map(([ledger, debits]) => [String(ledger), String(debits)])),
    previous: previous === undefined ? null : digestOfSeal(previous),
  }
}

/** @throws ParixError BAD_INPUT when it is not a seal */
async function readSeal(path: string, terminal: Terminal): Promise<Seal> {
  const text = await readNamedText(path, {terminal, code: 'bad_seal'})
  let seal: Partial<Seal> | null
  try {
    seal = JSON.parse(text) as Partial<Seal> | null
  } catch (error) {
    throw new ParixError(
      'BAD_INPUT',
      `${path} can't be read as a seal: ${error instanceof Error ? error.message : String(error)}`,
      {code: 'bad_seal', cause: error},
    )
  }
  if (
    seal?.format === 'parix-seal/1' &&
    Array.isArray(seal.chunks) &&
    /^\d{1,19}$/.test(String(seal.until)) &&
    typeof seal.until === 'string' &&
    typeof seal.sha256 === 'string'
  )
    return seal as Seal
  throw new ParixError('BAD_INPUT', `${path} is not a seal of this version.`, {code: 'bad_seal'})
}

function compare(was: Seal, path: string, {sealed}: AuditResult, name: string): void {
  const {digest} = sealed!
  const is = digest.finish()
  if (is.sha256 === was.sha256) return
  const chunk = firstChunkThatDiffers(was, is) ?? 0
  const rows = readIfThere(`${path}.rows`)
  const row = rows === undefined ? undefined : firstRowThatDiffers(rows, digest.rowDigests())
  const which =
    row === undefined
      ? `in rows ${chunk * 100_000 + 1} to ${(chunk + 1) * 100_000}`
      : row < was.accounts
        ? `account ${row + 1} in the order of creation`
        : `transfer ${row - was.accounts + 1} in the order of creation`
  throw new ParixError('REFUSED', `${name} is not what was sealed in ${path}: the first difference is ${which}.`, {
    code: 'seal_differs',
  })
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return statSync(path).isFile() ? readFileSync(path) : undefined
  } catch {
    return undefined
  }
}

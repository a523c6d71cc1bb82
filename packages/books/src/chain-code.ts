/** A chain as the code of TigerBeetle's own clients (0.17) that creates it: to read, to learn from, or to paste into a program. */

import {UINT128_MAX} from '@parix/kit/integers'
import {TransferFlags} from '@parix/ledger/schema'
import type {NewTransfer} from './chains.js'

export const CODE_FORMS = ['repl', 'json', 'node', 'go', 'python'] as const
export type CodeForm = (typeof CODE_FORMS)[number]

/** Ends in a newline. */
export function chainCode(transfers: readonly NewTransfer[], form: CodeForm): string {
  return WRITERS[form](transfers)
}

const WRITERS: Readonly<Record<CodeForm, (transfers: readonly NewTransfer[]) => string>> = {
  repl,
  json,
  node,
  go,
  python,
}

/** Fields that are not 0, in TigerBeetle's order. `amount` is always there: 0 is an amount. */
function fieldsOf(transfer: NewTransfer): [name: string, value: bigint][] {
  return FIELDS.flatMap((name) => {
    const value = BigInt(transfer[name] ?? 0)
    return value === 0n && name !== 'amount' ? [] : [[name, value] as [string, bigint]]
  })
}

const FIELDS = [
  'id',
  'debit_account_id',
  'credit_account_id',
  'amount',
  'pending_id',
  'user_data_128',
  'user_data_64',
  'user_data_32',
  'timeout',
  'ledger',
  'code',
] as const

const WIDE = /^(id|debit_account_id|credit_account_id|amount|pending_id|user_data_128)$/

function flagNames(flags: number): string[] {
  return Object.entries(TransferFlags).flatMap(([name, bit]) =>
    typeof bit === 'number' && bit !== 0 && (flags & bit) !== 0 ? [name] : [],
  )
}

/** A statement of `tigerbeetle repl`; there `-0` is 2^128 − 1. */
function repl(transfers: readonly NewTransfer[]): string {
  const events = transfers.map((transfer) => {
    const fields = fieldsOf(transfer).map(([name, value]) => `${name}=${value === UINT128_MAX ? '-0' : value}`)
    const flags = flagNames(transfer.flags)
    return [...fields, ...(flags.length > 0 ? [`flags=${flags.join('|')}`] : [])].join(' ')
  })
  return `create_transfers ${events.join(',\n  ')};\n`
}

/** The body of a request, and what `tb create-transfers --file` reads. */
function json(transfers: readonly NewTransfer[]): string {
  const events = transfers.map((transfer) => {
    const fields = fieldsOf(transfer).map(([name, value]) =>
      WIDE.test(name) || name === 'user_data_64' ? `"${name}": "${value}"` : `"${name}": ${value}`,
    )
    return `  {${[...fields, `"flags": ${transfer.flags}`].join(', ')}}`
  })
  return `[\n${events.join(',\n')}\n]\n`
}

/** In two parts: what looks like an import of this file would have to be one of its dependencies. */
const NODE_CLIENT = `from ${"'tigerbeetle-node'"}`

function node(transfers: readonly NewTransfer[]): string {
  const bits = (flags: number) =>
    flagNames(flags)
      .map((name) => `TransferFlags.${name}`)
      .join(' | ') || 'TransferFlags.none'
  const events = transfers.map((transfer) => {
    const given = new Map(fieldsOf(transfer))
    const lines = FIELDS.map((name) => {
      const value = given.get(name) ?? 0n
      const text =
        value === UINT128_MAX ? 'amount_max' : WIDE.test(name) || name === 'user_data_64' ? `${value}n` : value
      return `    ${name}: ${text},\n`
    })
    return `  {\n${lines.join('')}    flags: ${bits(transfer.flags)},\n    timestamp: 0n,\n  },\n`
  })
  return `import {${events.some((event) => event.includes('amount_max')) ? 'amount_max, ' : ''}createClient, CreateTransferStatus, TransferFlags} ${NODE_CLIENT}

const client = createClient({cluster_id: 0n, replica_addresses: [process.env.TB_ADDRESS ?? '3000']})
const results = await client.createTransfers([
${events.join('')}])
for (const {status, timestamp} of results) console.log(CreateTransferStatus[status], timestamp)
client.destroy()
`
}

const GO_NAMES: Readonly<Record<string, string>> = {
  id: 'ID',
  debit_account_id: 'DebitAccountID',
  credit_account_id: 'CreditAccountID',
  pending_id: 'PendingID',
}

/** `user_data_128` is `UserData128` in Go. */
function goName(name: string): string {
  return GO_NAMES[name] ?? name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

function go(transfers: readonly NewTransfer[]): string {
  const amount = (value: bigint) =>
    value === UINT128_MAX ? 'AmountMax' : value < 1n << 64n ? `ToUint128(${value})` : `u128("${value}")`
  const events = transfers.map((transfer) => {
    const lines = fieldsOf(transfer).map(
      ([name, value]) => `\t\t\t${goName(name)}: ${WIDE.test(name) ? amount(value) : value},\n`,
    )
    const flags = flagNames(transfer.flags).map((name) => `${goName(name)}: true`)
    return `\t\t{\n${lines.join('')}${flags.length > 0 ? `\t\t\tFlags: TransferFlags{${flags.join(', ')}}.ToUint16(),\n` : ''}\t\t},\n`
  })
  const wide = events.some((event) => event.includes('u128('))
  return `package main

import (
	"fmt"
	"log"
${wide ? '\t"math/big"\n' : ''}	"os"

	. "github.com/tigerbeetle/tigerbeetle-go"
)
${
  wide
    ? `
// u128 reads a decimal number of more than 64 bits.
func u128(text string) Uint128 {
	value, ok := new(big.Int).SetString(text, 10)
	if !ok {
		log.Fatalf("not a number: %s", text)
	}
	result, err := HexStringToUint128(value.Text(16))
	if err != nil {
		log.Fatal(err)
	}
	return result
}
`
    : ''
}
func main() {
	address := os.Getenv("TB_ADDRESS")
	if address == "" {
		address = "3000"
	}
	client, err := NewClient(ToUint128(0), []string{address})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	results, err := client.CreateTransfers([]Transfer{
${events.join('')}	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(results)
}
`
}

function python(transfers: readonly NewTransfer[]): string {
  const bits = (flags: number) =>
    flagNames(flags)
      .map((name) => `tb.TransferFlags.${name.toUpperCase()}`)
      .join(' | ') || '0'
  const events = transfers.map((transfer) => {
    const given = new Map(fieldsOf(transfer))
    const lines = FIELDS.map((name) => {
      const value = given.get(name) ?? 0n
      return `            ${name}=${value === UINT128_MAX ? 'tb.AMOUNT_MAX' : value},\n`
    })
    return `        tb.Transfer(\n${lines.join('')}            flags=${bits(transfer.flags)},\n            timestamp=0,\n        ),\n`
  })
  return `import os

import tigerbeetle as tb

with tb.ClientSync(cluster_id=0, replica_addresses=os.getenv("TB_ADDRESS", "3000")) as client:
    results = client.create_transfers([
${events.join('')}    ])
    for result in results:
        print(result.status, result.timestamp)
`
}

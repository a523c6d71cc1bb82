import type {Client, ClientInitArgs} from 'tigerbeetle-node'
import {firstReachable, resolveAddress} from './addresses.js'
import {LedgerUnavailable} from './ledger-fault.js'
import type {ClusterState} from './port.js'

/** The part of tigerbeetle-node's client that the service uses; tests put a scripted one in its place. */
export type NativeClient = Pick<
  Client,
  | 'createAccounts'
  | 'createTransfers'
  | 'lookupAccounts'
  | 'lookupTransfers'
  | 'getAccountTransfers'
  | 'getAccountBalances'
  | 'queryAccounts'
  | 'queryTransfers'
  | 'destroy'
>

export interface ClusterClientOptions {
  clusterId: bigint
  /** `HOST:PORT`, one per replica; names are resolved whenever a client is made. */
  addresses: readonly string[]
  /** tigerbeetle-node's `createClient`. */
  createClient: (options: ClientInitArgs) => NativeClient
  /** How long a call waits for its response. */
  responseWaitMs?: number
  /** The same, while the cluster has not answered the call before. */
  silentWaitMs?: number
}

const RESPONSE_WAIT_MS = 20_000
const SILENT_WAIT_MS = 5_000
const PROBE_WAIT_MS = 3_000
/** How often it is checked that the cluster can still be reached while nothing answers. */
const WATCH_MS = 5_000

/**
 * Calls that may go unanswered on one client. The native client continues with each for ever, holds its megabytes, and
 * makes later calls wait behind it; ending the client ends them.
 */
const ABANDONED_MAX = 8

/** A client that is evicted as soon as it is made is one of too many. */
const CLIENTS_PER_CALL_MAX = 4

const WAITED = Symbol('waited')

/**
 * A connection to a cluster that heals: a client that was evicted or closed is replaced and the call made again, which the
 * ids of events make safe. While no replica accepts connections there is no native client at all: calls are refused at
 * once, nothing piles up, and its log lines stay off stderr.
 */
export class ClusterClient {
  private client: NativeClient | undefined
  private connecting: Promise<NativeClient> | undefined
  /** Calls that were given up on the current client. */
  private abandoned = 0
  private answered = false
  private answeredAt = 0
  private reason: string | undefined
  private isClosed = false
  private readonly watch: NodeJS.Timeout

  constructor(private readonly options: ClusterClientOptions) {
    this.watch = setInterval(() => void this.dropUnreachable(), WATCH_MS)
    this.watch.unref()
  }

  /** What is known of the cluster from the last call. */
  get state(): ClusterState {
    return this.reason === undefined ? {answering: true} : {answering: false, reason: this.reason}
  }

  /** `cluster 1 at 127.0.0.1:3000` */
  get name(): string {
    return `cluster ${this.options.clusterId} at ${this.options.addresses.join(', ')}`
  }

  /** Asks the cluster for nothing, to see whether it answers. */
  async probe(): Promise<ClusterState> {
    await this.call((client) => client.lookupAccounts([1n]), PROBE_WAIT_MS).catch(() => undefined)
    return this.state
  }

  /**
   * Runs a call on the current client.
   * @throws LedgerUnavailable where the cluster does not answer in time; whatever else the client throws
   */
  async call<T>(run: (client: NativeClient) => Promise<T>, waitMs = this.waitMs()): Promise<T> {
    const deadline = Date.now() + waitMs
    for (let clients = 1; ; clients++) {
      const client = await this.connected()
      try {
        const result = await within(deadline - Date.now(), run(client))
        if (result === WAITED) throw this.gaveUp(client, waitMs)
        this.noteResponse(client)
        return result as T
      } catch (error) {
        if (!isGone(error)) throw this.explained(error)
        this.discard(client)
        if (this.isClosed) throw new LedgerUnavailable('the service is closing.')
        if (clients >= CLIENTS_PER_CALL_MAX || Date.now() >= deadline) throw this.unavailable((error as Error).message)
      }
    }
  }

  close(): void {
    this.isClosed = true
    clearInterval(this.watch)
    if (this.client) this.discard(this.client)
  }

  private waitMs(): number {
    const {responseWaitMs = RESPONSE_WAIT_MS, silentWaitMs = SILENT_WAIT_MS} = this.options
    return this.reason === undefined ? responseWaitMs : Math.min(silentWaitMs, responseWaitMs)
  }

  private async connected(): Promise<NativeClient> {
    if (this.client) return this.client
    this.connecting ??= this.connect().finally(() => {
      this.connecting = undefined
    })
    return this.connecting
  }

  private async connect(): Promise<NativeClient> {
    const addresses = await Promise.all(this.options.addresses.map((address) => this.resolved(address)))
    const failure = await firstReachable(addresses)
    if (failure !== undefined) throw this.unavailable(`no replica accepts connections (${failure}).`)
    if (this.isClosed) throw new LedgerUnavailable('the service is closing.')
    const {clusterId, createClient} = this.options
    this.client = createClient({cluster_id: clusterId, replica_addresses: addresses})
    this.abandoned = 0
    this.answered = false
    return this.client
  }

  private async resolved(address: string): Promise<string> {
    try {
      return await resolveAddress(address)
    } catch (error) {
      throw this.unavailable(`${address} can't be resolved (${(error as NodeJS.ErrnoException).code}).`)
    }
  }

  private noteResponse(client: NativeClient): void {
    this.reason = undefined
    this.answeredAt = Date.now()
    if (client !== this.client) return
    this.answered = true
    this.abandoned = 0
  }

  private gaveUp(client: NativeClient, waitMs: number): LedgerUnavailable {
    const hint = this.answered ? '' : ' Is the cluster id right, and is it TigerBeetle that listens there?'
    const fault = this.unavailable(`no response within ${waitMs / 1000} seconds.${hint}`)
    if (client === this.client && (++this.abandoned >= ABANDONED_MAX || !this.answered)) this.discard(client)
    return fault
  }

  private unavailable(reason: string): LedgerUnavailable {
    this.reason = reason
    return new LedgerUnavailable(`${this.name}: ${reason}`)
  }

  private explained(error: unknown): unknown {
    const {code} = error as {code?: unknown}
    const release = /^ERR_CLIENT_RELEASE_TOO_(LOW|HIGH)$/.exec(String(code))?.[1]
    if (release === undefined) return error
    const which = release === 'LOW' ? 'older than the cluster supports' : 'newer than the cluster'
    return this.unavailable(`the installed tigerbeetle-node is ${which}. Install the release of the cluster.`)
  }

  /** Ends the native client, and with it every call that still waits on it. */
  private discard(client: NativeClient): void {
    if (client === this.client) this.client = undefined
    try {
      client.destroy()
    } catch {
      // It was closed already.
    }
  }

  /** A native client whose replicas are gone writes a line of log per attempt to reach them, for ever. */
  private async dropUnreachable(): Promise<void> {
    const {client} = this
    if (!client || Date.now() - this.answeredAt < WATCH_MS) return
    try {
      const addresses = await Promise.all(this.options.addresses.map(resolveAddress))
      const failure = await firstReachable(addresses)
      if (failure === undefined || client !== this.client) return
      this.reason = `no replica accepts connections (${failure}).`
    } catch {
      return
    }
    this.discard(client)
  }
}

/** Evicted by the cluster, or closed: the client is of no more use, and the call can be made on another. */
function isGone(error: unknown): boolean {
  const {code} = error as {code?: unknown}
  return code === 'ERR_CLIENT_EVICTED' || code === 'ERR_CLIENT_CLOSED'
}

/** @returns the result, or WAITED when it took longer */
async function within<T>(ms: number, response: Promise<T>): Promise<T | typeof WAITED> {
  // What comes after the wait is nobody's any more, a rejection included.
  response.catch(() => undefined)
  let timer: NodeJS.Timeout | undefined
  const waited = new Promise<typeof WAITED>((resolve) => {
    timer = setTimeout(() => resolve(WAITED), Math.max(0, ms))
  })
  return Promise.race([response, waited]).finally(() => clearTimeout(timer))
}

import {type LocalLedger, startLocalLedger} from './local-ledger.js'
import {type LossyProxy, startLossyProxy} from './lossy-proxy.js'

/** A local ledger behind a proxy that loses requests and responses. */
export interface LossyLedger {
  local: LocalLedger
  proxy: LossyProxy
  stop(): Promise<void>
}

/** With three accounts in ledger 700: 3 may not be debited beyond its credits, and has none. */
export async function startLossyLedger(): Promise<LossyLedger> {
  const local = await startLocalLedger()
  const proxy = await startLossyProxy(local.port)
  await local.operate('create_accounts', [
    {id: 1, ledger: 700, code: 1},
    {id: 2, ledger: 700, code: 1},
    {id: 3, ledger: 700, code: 1, flags: 2},
  ])
  return {
    local,
    proxy,
    async stop() {
      await proxy.stop()
      await local.stop()
    },
  }
}

import { err, ok, type Result } from '../lib/result.ts'
import type { Visit } from '../site/visit.ts'
import type { PendingLogin } from './pending.ts'
import type { TakenTransfer } from './transfer-store.ts'

export type TransferFault =
  'transfer-unknown' | 'transfer-other-host' | 'transfer-other-browser' | 'transfer-expired'

/** A transfer counts once, at its host, in the browser that asked for it, within its time. */
export function acceptTransfer(
  transfer: TakenTransfer | null,
  login: PendingLogin | null,
  { host, now }: Visit,
): Result<{ readonly transfer: TakenTransfer; readonly asked: PendingLogin }, TransferFault> {
  if (!transfer) return err('transfer-unknown')
  if (transfer.host !== host.authority) return err('transfer-other-host')
  if (transfer.login !== login?.handle) return err('transfer-other-browser')
  if (now >= transfer.expiresAt) return err('transfer-expired')
  return ok({ transfer, asked: login })
}

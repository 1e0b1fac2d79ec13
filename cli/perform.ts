/** Does an operation: through the API of the login host, or here, on the store. */
import type { Fault, Given } from '../src/admin/field.ts'
import type { Act, Operation } from '../src/admin/operation.ts'
import { ok, type Result } from '../src/lib/result.ts'
import type { Host } from '../src/site/host.ts'
import { boundOf } from './bound.ts'
import { usage, type Failure, type World } from './command.ts'
import type { Done } from './face.ts'
import { typedName } from './hint.ts'
import { refuse } from './shown.ts'

interface Asking {
  readonly findHost: () => Promise<Result<Host | null, Failure>>
  /** null: whatever the version is. */
  readonly ifVersion: string | null
}

const asTyped: Asking = { findHost: async () => ok(null), ifVersion: null }

type Performed = Pick<Done, 'host' | 'answer'>

/** Does the operation through the API, where one is asked, and else here, on the store. */
export async function perform(
  operation: Operation,
  given: Given,
  world: World,
  asking: Asking = asTyped,
): Promise<Result<Performed, Failure>> {
  const prepared = prepare(operation, given)
  if (!prepared.ok) return prepared
  const api = await world.openApi()
  if (!api.ok) return api
  if (api.value) {
    const { ifVersion } = asking
    const told = await api.value.ask({ operation, given, ifVersion })
    if (!told.ok) return told
    return told.value.ok
      ? ok({ host: null, answer: told.value.value })
      : refuse(told.value.error, operation.subject)
  }
  return actHere(operation, prepared.value, world, asking)
}

/** By this machine's config and the store, whatever there is beside them. */
export async function performHere(
  operation: Operation,
  given: Given,
  world: World,
): Promise<Result<Performed, Failure>> {
  const prepared = prepare(operation, given)
  return prepared.ok ? actHere(operation, prepared.value, world, asTyped) : prepared
}

async function actHere(
  { subject }: Operation,
  act: Act,
  world: World,
  { findHost, ifVersion }: Asking,
): Promise<Result<Performed, Failure>> {
  const opened = await world.openAdmin()
  if (!opened.ok) return opened
  const host = await findHost()
  if (!host.ok) return host
  const { config } = opened.value
  const context = {
    ...opened.value,
    config: host.value && config ? { ...config, loginHost: host.value } : config,
  }
  const done = await act(context, { bound: await boundOf(world), ifVersion })
  return done.ok ? ok({ host: host.value, answer: done.value }) : refuse(done.error, subject)
}

export function prepare(operation: Operation, given: Given): Result<Act, Failure> {
  const prepared = operation.prepare(given)
  return prepared.ok
    ? prepared
    : usage(prepared.error.map((fault) => faultText(operation, fault)).join('\n'))
}

const faultText = ({ subject }: Operation, { field, problem }: Fault): string =>
  field === null ? problem : `${typedName(field, subject)} ${problem}.`

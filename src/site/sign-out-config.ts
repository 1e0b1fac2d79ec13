/** `signOut` in gatehouse.config.ts: where people may be sent after sign-out. */
import * as v from 'valibot'
import { options, text } from '../lib/options.ts'
import { isLoopback } from './address.ts'

/** An origin, and a path that the address begins with: `/` stands for every path. */
export interface SignOutTarget {
  readonly origin: string
  readonly path: string
}

const target = v.pipe(
  text,
  v.check(
    (value) => URL.canParse(value) && isTarget(new URL(value)),
    'must be an https address without a query, a fragment or a user name, such as https://www.example.com or https://www.example.com/bye',
  ),
)

/** Plain http is for localhost only. */
const isTarget = (url: URL): boolean =>
  (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) &&
  !/[?#*]/.test(url.href) &&
  url.username === '' &&
  url.password === ''

export const signOutSchema = options({
  returnTo: v.optional(v.array(target, 'must be a list of addresses'), []),
})

export const toSignOutTargets = ({
  returnTo,
}: v.InferOutput<typeof signOutSchema>): readonly SignOutTarget[] =>
  returnTo.map((address) => {
    const { origin, pathname } = new URL(address)
    return { origin, path: pathname }
  })

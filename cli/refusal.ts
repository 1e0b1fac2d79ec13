/** What Cloudflare's API or wrangler refused, in words: what is wrong, and what to do. */
import { withStop } from '../src/lib/sentence.ts'

export interface Said {
  /** Cloudflare's number of the error; null: it gave none. */
  readonly code: number | null
  readonly message: string
}

const login =
  'Your login is not accepted, or it may not do this. With CLOUDFLARE_API_TOKEN: look whether the token has expired, and give it the permissions in docs/deploying.md. Without: npx wrangler login.'

/** The numbers are those that wrangler's source and Cloudflare's own answers have. */
const advice: readonly { readonly codes: readonly number[]; readonly says: string }[] = [
  { codes: [1000, 9103, 9109, 10000, 10001], says: login },
  {
    codes: [6003, 6111, 9106],
    says: 'CLOUDFLARE_API_TOKEN is not a token of Cloudflare. Copy it again, without quotes and spaces.',
  },
  {
    codes: [7003, 7403],
    says: 'Your login has no such account, or may not use D1 there. Look at CLOUDFLARE_ACCOUNT_ID, and at account_id in the file of wrangler: npx wrangler whoami lists your accounts.',
  },
  {
    codes: [7406],
    says: 'The account has as many D1 databases as its plan allows. Delete one that nobody needs (npx wrangler d1 list, npx wrangler d1 delete <name>), or take a larger plan.',
  },
  {
    codes: [7502, 10014],
    says: 'Another one has this name, and your login does not see it. Give the login the permission to read it, or choose another name in the file of wrangler.',
  },
  {
    codes: [10020],
    says: 'Another Worker has one of the routes. Take the route from it in the dashboard (Workers & Pages, that Worker, Settings, Domains & Routes), or choose another route in the file of wrangler.',
  },
  {
    codes: [100117],
    says: 'The host of a custom domain has a DNS record already. Delete the record in the dashboard (the zone, DNS), or use a route instead of a custom domain (docs/deploying.md).',
  },
  {
    codes: [10021],
    says: 'Cloudflare started the Worker, and it failed. The reason is above; faults of gatehouse.config.ts are listed there.',
  },
  {
    codes: [10027],
    says: 'The Worker is larger than the plan allows (docs/deploying.md has the sizes).',
  },
  {
    codes: [10042],
    says: 'The file of wrangler names a KV namespace that the account does not have. Remove the id: npm run deploy finds the namespace, or makes it.',
  },
  {
    codes: [10057],
    says: 'The Worker lacks a secret that the file of wrangler requires. Set it: npx wrangler secret put <name>.',
  },
  {
    codes: [971, 10013],
    says: 'Wait a few minutes, then do it again.',
  },
]

/** @param status of the HTTP answer; null: wrangler does not tell it. */
export function adviseOn(status: number | null, said: readonly Said[]): string {
  const found = advice.find(({ codes }) => said.some(({ code }) => codes.includes(code ?? -1)))
  if (found) return found.says
  const texts = said.map(({ message }) => message).join('\n')
  if (/could not find zone/i.test(texts)) {
    return 'The domain of a route is no zone of this account. Add the domain to the account (dashboard, Add a domain), or correct routes in the file of wrangler.'
  }
  if (/assigned to another worker|assigned to routes/i.test(texts)) {
    return adviseOn(status, [{ code: 10020, message: '' }])
  }
  if (/not logged in|CLOUDFLARE_API_TOKEN/i.test(texts)) return login
  if (status === 401 || status === 403) return login
  if (status === 429 || /too many requests|rate limit/i.test(texts)) {
    return 'Cloudflare takes no more requests for now. Wait five minutes, then do it again.'
  }
  if (status !== null && status >= 500) {
    return 'Cloudflare itself failed. Look at https://www.cloudflarestatus.com, and do it again later.'
  }
  return ''
}

/** One line: what Cloudflare said, then what to do. */
export function explainRefusal(status: number, said: readonly Said[]): string {
  const reasons = said.map(({ code, message }) =>
    code === null ? message : `${message} [${code}]`,
  )
  const what = `Cloudflare refused (${status}): ${reasons.join('; ') || 'it gave no reason'}`
  const next = adviseOn(status, said)
  return `${withStop(what)} ${next}`.trim()
}

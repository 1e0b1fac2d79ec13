/**
 * Measures the Worker as a deploy uploads it, gzipped: the modules that every request needs, and what
 * each part adds when it loads. If one is larger than its ceiling, somebody must give the reason.
 */
import { stop } from 'esbuild'
import { bundleOwn, weigh } from '../cli/bundle.ts'
import { complain, say } from '../cli/terminal.ts'

/** KiB. Cloudflare allows far more, but a larger part takes longer to answer first. */
const ceilings: Readonly<Record<string, number>> = {
  'the gate': 37,
  'src/parts/login.ts': 31,
  'src/parts/login-deps.ts': 5,
  'src/sp/keys.ts': 4,
  'src/login/start.ts': 30,
  'src/parts/acs.ts': 63,
  'src/parts/arrive.ts': 30,
  'src/attempt/write.ts': 14,
  'src/login/refused.ts': 19,
  'src/login/metadata.ts': 10,
  'src/login/try.ts': 64,
  'src/parts/logout.ts': 33,
  'src/logout/at-idp.ts': 39,
  'src/logout/by-soap.ts': 50,
  'src/parts/slo.ts': 73,
  'src/parts/home.ts': 23,
  'src/parts/form.ts': 19,
  'src/parts/binding.ts': 15,
  'src/parts/scim.ts': 39,
  'src/parts/signals.ts': 31,
  'src/parts/oauth.ts': 33,
  'src/parts/admin.ts': 8,
  'src/admin-side.ts': 228,
  'src/parts/status.ts': 8,
  'src/parts/cron.ts': 81,
  'src/parts/outbox.ts': 11,
  'src/parts/programs.ts': 17,
  'src/proxy/refusals.ts': 18,
  'src/form/keep.ts': 14,
  'src/answers.ts': 12,
  'src/audit/keep-events.ts': 4,
  'src/lib/brand.ts': 7,
  'src/lib/words/it.ts': 6,
  'src/lib/words/de.ts': 6,
  'src/lib/words/fr.ts': 6,
  'src/lib/words/es.ts': 6,
}

const { gate, parts } = weigh(await bundleOwn())
await stop()
let isTooLarge = false
for (const [name, { gzipped }] of [['the gate', gate] as const, ...parts]) {
  const ceiling = ceilings[name]
  const is = `${name} is ${gzipped.toFixed(1)} KiB gzipped`
  if (ceiling !== undefined && gzipped <= ceiling) {
    say(`${is}; the ceiling is ${ceiling} KiB.`)
    continue
  }
  complain(`${is}; ${ceiling === undefined ? 'it has no ceiling' : `more than ${ceiling} KiB`}.`)
  isTooLarge = true
}
if (isTooLarge) process.exit(1)

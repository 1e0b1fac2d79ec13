/** What the page for a person without access says, as the config has it. */
import * as v from 'valibot'
import { options } from '../lib/options.ts'
import type { Denied } from './site.ts'

const problem = 'must be text of at most 300 characters, such as ask #it-help'
const words = v.pipe(v.string(problem), v.nonEmpty(problem), v.maxLength(300, problem))
const schema = options({
  words: v.exactOptional(words),
  rule: v.optional(v.picklist(['hidden', 'shown'], 'must be hidden or shown'), 'hidden'),
})

export const deniedSchema = v.lazy((input) =>
  typeof input === 'string' ? words : schema,
) as v.GenericSchema<string | v.InferInput<typeof schema>, string | v.InferOutput<typeof schema>>

export const toDenied = (denied: v.InferOutput<typeof deniedSchema>): Denied =>
  typeof denied === 'string'
    ? { words: denied, rule: 'hidden' }
    : { words: denied.words ?? null, rule: denied.rule }

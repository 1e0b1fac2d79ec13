/** What the page for a person without access says, as the config has it. */
import * as v from 'valibot'
import { options } from '../lib/options.ts'
import { ownTextSchema, sentence } from './own-text.ts'
import type { Denied } from './site.ts'

const schema = options({
  words: v.exactOptional(ownTextSchema),
  rule: v.optional(v.picklist(['hidden', 'shown'], 'must be hidden or shown'), 'hidden'),
})

export const deniedSchema = v.lazy((input) =>
  typeof input === 'string' ? sentence : schema,
) as v.GenericSchema<string | v.InferInput<typeof schema>, string | v.InferOutput<typeof schema>>

export const toDenied = (denied: v.InferOutput<typeof deniedSchema>): Denied =>
  typeof denied === 'string'
    ? { words: denied, rule: 'hidden' }
    : { words: denied.words ?? null, rule: denied.rule }

/** Writes the messages to files, so that other programs can send them. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createTestIdp } from '../signing/saml-signer.ts'
import { catalogue } from './catalogue.ts'
import { build, type Entry } from './entry.ts'
import { bodyOf, postedOf } from './gatehouse.ts'
import { stageOf, type Material } from './play.ts'

/**
 * `<id>.b64` is the value of the form field; `<id>.form` is a whole body, after the query string if
 * there is one.
 */
export async function writeMessages(
  material: Material,
  folder: string,
  isChosen: (entry: Entry) => boolean,
): Promise<number> {
  const attacker = await createTestIdp()
  const index: string[] = []
  for (const entry of catalogue.filter(isChosen)) {
    const message = await build(entry, await stageOf(material, attacker))
    if (!message || (message.kind === 'response' && message.certificates !== null)) continue
    const file = `${entry.id}.${message.kind === 'form' ? 'form' : 'b64'}`
    const query = message.kind === 'form' && message.query !== '' ? `?${message.query}\n` : ''
    writeFileSync(
      join(folder, file),
      message.kind === 'form' ? query + bodyOf(message) : postedOf(message),
    )
    index.push([file, entry.class, entry.by, entry.correct, entry.says, entry.source].join('\t'))
  }
  writeFileSync(join(folder, 'index.tsv'), `${index.join('\n')}\n`)
  return index.length
}

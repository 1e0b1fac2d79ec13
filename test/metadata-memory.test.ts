/** A federation's metadata is read in little memory, in a process that has no more. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { root } from '../cli/project.ts'

/** Reads 60 MB of the elements that `child` makes, and prints what kind of document it was. */
const reading = (child: string): string => `
import { readAggregate } from ${JSON.stringify(pathToFileURL(join(root, 'src/saml/aggregate.ts')).href)}
const utf8 = new TextEncoder()
async function* pieces() {
  yield utf8.encode('<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">')
  for (let n = 0, sent = 0; sent < 60_000_000; ) {
    let text = ''
    while (text.length < 60_000) text += (${child})(n++)
    sent += text.length
    yield utf8.encode(text)
  }
  yield utf8.encode('</md:EntitiesDescriptor>')
}
const read = await readAggregate(pieces(), 'https://idp.example.com')
console.log(read.ok ? read.value.kind : JSON.stringify(read.error))
`

it.each([
  ['entities', 'n => `<md:EntityDescriptor entityID="https://${n}.example.com"/>`'],
  ['namespaces, each another', 'n => `<a xmlns:b="urn:a:namespace:with:the:number:${n}"/>`'],
  ['texts', 'n => `<a>${n}${"b".repeat(10_000)}</a>`'],
])('60 MB are read in 32 MB of heap: %s', (_, child) => {
  const heap = '--max-old-space-size=32'
  const args = [
    heap,
    '--disable-warning=ExperimentalWarning',
    '--input-type=module',
    '-e',
    reading(child),
  ]
  const said = execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' })
  expect(said).toBe('pruned\n')
})

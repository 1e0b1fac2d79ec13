import { describe, expect, it } from 'vitest'
import { concatBytes } from '../../src/lib/bytes.ts'
import { CutOff, fetchDocument, judgePublic, type Asking } from '../../src/upkeep/fetch.ts'
import { serverOf, URL_OF_IT, type Answer } from './stage.ts'

const ask = (answers: Readonly<Record<string, Answer>>, more: Partial<Asking> = {}) => {
  const { fetch, asked } = serverOf(answers)
  const asking = { fetch, etag: null, seconds: 20, judgeAddress: judgePublic, ...more }
  return { asked, done: (url = URL_OF_IT) => fetchDocument(url, asking) }
}
const redirectTo = (location: string, status = 302) =>
  new Response('elsewhere', { status, headers: { Location: location } })
const reasonOf = async (done: ReturnType<typeof fetchDocument>) => {
  const result = await done
  return result.ok ? 'read' : result.error.reason
}

async function textOf(done: ReturnType<typeof fetchDocument>): Promise<string> {
  const result = await done
  if (!result.ok || result.value.kind !== 'read') throw new Error(JSON.stringify(result))
  const chunks: Uint8Array[] = []
  for await (const chunk of result.value.pieces) chunks.push(chunk)
  return new TextDecoder().decode(concatBytes(...chunks))
}

describe('a metadata URL', () => {
  it('is read, with the ETag of the answer', async () => {
    const { done } = ask({ [URL_OF_IT]: () => new Response('<x/>', { headers: { ETag: '"1"' } }) })
    expect(await textOf(done())).toBe('<x/>')
    expect(await done()).toMatchObject({ value: { etag: '"1"' } })
  })

  it('is asked for what is new only, where an ETag is known', async () => {
    const answer = () => new Response(null, { status: 304 })
    const { asked, done } = ask({ [URL_OF_IT]: answer }, { etag: '"1"' })
    expect(await done()).toEqual({ ok: true, value: { kind: 'same' } })
    expect(asked).toEqual([{ url: URL_OF_IT, ifNoneMatch: '"1"' }])
  })

  it('that says 304 to a question without an ETag has no document', async () => {
    const { done } = ask({ [URL_OF_IT]: () => new Response(null, { status: 304 }) })
    expect(await reasonOf(done())).toBe('status')
  })

  it('may redirect three times, and not more', async () => {
    const chain = (length: number) =>
      Object.fromEntries([
        [URL_OF_IT, redirectTo('https://example.com/1')],
        ...Array.from({ length: length - 1 }, (_, i) => [
          `https://example.com/${i + 1}`,
          redirectTo(`/${i + 2}`, 307),
        ]),
        [`https://example.com/${length}`, '<x/>'],
      ]) as Record<string, Answer>
    expect(await textOf(ask(chain(3)).done())).toBe('<x/>')
    expect(await reasonOf(ask(chain(4)).done())).toBe('redirects')
    const endless = ask({ [URL_OF_IT]: redirectTo(URL_OF_IT) })
    expect(await reasonOf(endless.done())).toBe('redirects')
    expect(endless.asked).toHaveLength(4)
  })

  it.each([
    'http://idp.example.com/',
    'https://169.254.169.254/latest/meta-data/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://127.1/',
    'https://0x7f000001/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://localhost/',
    'https://metadata.google.internal/',
    'https://ada:secret@example.com/',
    'ftp://example.com/',
    'javascript:alert(1)',
    '//10.0.0.1/',
  ])('leads nowhere private, neither itself nor by a redirect: %s', async (address) => {
    const { asked, done } = ask({ [URL_OF_IT]: redirectTo(address) })
    expect(await reasonOf(done())).toBe('address')
    expect(asked.map(({ url }) => url)).toEqual([URL_OF_IT])
    const direct = ask({})
    expect(await reasonOf(direct.done(address))).toBe('address')
    expect(direct.asked).toEqual([])
  })

  it.each([
    ['404', new Response('none', { status: 404 }), 'status'],
    ['500', new Response('none', { status: 500 }), 'status'],
    ['206, a part only', new Response('<x', { status: 206 }), 'status'],
    ['a redirect to nowhere', new Response(null, { status: 302 }), 'status'],
    ['a redirect to no URL', redirectTo('https://exa mple/'), 'address'],
    ['nothing', new Error('ECONNREFUSED'), 'unreachable'],
  ])('that answers %s is a fault with a reason', async (_, answer, reason) => {
    expect(await reasonOf(ask({ [URL_OF_IT]: answer }).done())).toBe(reason)
  })

  it('that does not answer is given up', async () => {
    const never = (_: unknown, { signal }: RequestInit) =>
      new Promise<Response>((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    const { done } = ask({ [URL_OF_IT]: never }, { seconds: 0.05 })
    expect(await done()).toEqual({
      ok: false,
      error: { reason: 'no-answer', url: URL_OF_IT, seconds: 0.05 },
    })
  })

  it('whose body drips or breaks off is given up, and its reader is cancelled', async () => {
    let isCancelled = false
    const drip = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('<x>')),
          cancel: () => void (isCancelled = true),
        }),
      )
    await expect(textOf(ask({ [URL_OF_IT]: drip }, { seconds: 0.05 }).done())).rejects.toThrow(
      CutOff,
    )
    expect(isCancelled).toBe(true)
    const breaks = () =>
      new Response(
        new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) }),
      )
    await expect(textOf(ask({ [URL_OF_IT]: breaks }).done())).rejects.toThrow(CutOff)
  })
})

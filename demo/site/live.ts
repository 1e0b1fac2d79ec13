/** A stream of server-sent events, and the script of its page. */
import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'

const EVERY_MS = 1000
const LOOK_EVERY_MS = 2000

export const liveEvents = (c: Context, name: string): Response =>
  streamSSE(c, async (stream) => {
    for (let count = 1; !stream.aborted; count++) {
      const data = JSON.stringify({ count, to: name, at: new Date().toISOString() })
      await stream.writeSSE({ data })
      await stream.sleep(EVERY_MS)
    }
  })

/**
 * When the stream ends, the browser opens it again, and is refused if the session is over. An
 * EventSource does not tell why it failed, so the script asks with fetch.
 */
export const liveScript = `
const list = document.getElementById('list')
const source = new EventSource('/live/events')
source.addEventListener('message', ({ data }) => {
  const { count, to, at } = JSON.parse(data)
  const item = document.createElement('li')
  item.textContent = at.slice(11, 19) + '  event ' + count + ' for ' + to
  list.prepend(item)
  while (list.children.length > 8) list.lastChild.remove()
})
source.addEventListener('error', async () => {
  if (source.readyState !== EventSource.CLOSED) return
  const answer = await fetch('/me')
  if (answer.status !== 401) return
  document.getElementById('again').href = (await answer.json()).loginUrl
  document.getElementById('over').hidden = false
})
const standing = document.getElementById('standing')
const groups = document.getElementById('groups')
async function look() {
  const answer = await fetch('/me').catch(() => null)
  standing.hidden = !answer?.ok
  if (!answer?.ok) return
  const names = (await answer.json()).groups.join(', ') || 'none'
  if (groups.textContent !== names) groups.textContent = names
  setTimeout(look, ${LOOK_EVERY_MS})
}
look()
`

// What the console does better with JavaScript. Every page is complete without it.

/** Times in the reader's own time zone. */
function showTimes(root) {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
  for (const time of root.querySelectorAll('time[datetime]')) {
    const at = new Date(time.dateTime)
    time.title = time.dateTime
    time.textContent = format.format(at)
  }
}

function showCopyButtons(root) {
  for (const button of root.querySelectorAll('button[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(button.dataset.copy)
      button.textContent = 'Copied'
      setTimeout(() => (button.textContent = 'Copy'), 2000)
    })
  }
}

/**
 * A search shows what it finds while somebody types. Only what is marked with `data-results`
 * changes; `data-says` is said aloud. Where that fails (the sign-in is over), the form is sent.
 */
function followSearch(form) {
  const input = form.querySelector('input[type=search]')
  const heard = form.querySelector('[role=status]')
  let asked = 0
  let waiting
  async function find() {
    const mine = ++asked
    const url = new URL(form.action)
    url.search = new URLSearchParams(new FormData(form)).toString()
    try {
      const answer = await fetch(url, { headers: { Accept: 'text/html' } })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const found = page.querySelector('[data-results]')
      if (mine !== asked) return
      if (!found) throw new Error('no results')
      history.replaceState(null, '', url)
      document.querySelector('[data-results]')?.replaceWith(found)
      if (heard) heard.textContent = found.dataset.says ?? ''
      improve(found)
    } catch {
      if (mine === asked) form.submit()
    }
  }
  const findSoon = () => {
    clearTimeout(waiting)
    waiting = setTimeout(find, 200)
  }
  input.addEventListener('input', findSoon)
  form.addEventListener('change', ({ target }) => target !== input && findSoon())
}

/** Looks again every few seconds while something is awaited, and shows what has changed. */
function awaitChanges() {
  const list = document.querySelector('[data-refresh]')
  if (!list) return
  setTimeout(
    async () => {
      if (!document.hidden) {
        const answer = await fetch(location.href, { headers: { Accept: 'text/html' } }).catch(
          () => null,
        )
        const text = answer?.ok ? await answer.text() : ''
        const found = new DOMParser().parseFromString(text, 'text/html').querySelector('ol.steps')
        if (found) {
          showTimes(found)
          if (found.textContent !== list.textContent) list.replaceWith(found)
        }
      }
      awaitChanges()
    },
    Number(list.dataset.refresh) * 1000,
  )
}

function improve(root) {
  showTimes(root)
  showCopyButtons(root)
}

improve(document)
awaitChanges()
for (const form of document.querySelectorAll('form[data-live]')) followSearch(form)

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input, textarea, select')
  const search = document.querySelector('input[type=search]')
  if (event.key !== '/' || isTyping || !search) return
  event.preventDefault()
  search.focus()
})

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

/** A search shows what it finds while somebody types. Only what is marked with `data-results` changes. */
function followSearch(form) {
  const input = form.querySelector('input[type=search]')
  let asked = 0
  let waiting
  input.addEventListener('input', () => {
    clearTimeout(waiting)
    waiting = setTimeout(async () => {
      const mine = ++asked
      const url = new URL(form.action)
      url.search = new URLSearchParams(new FormData(form)).toString()
      const answer = await fetch(url, { headers: { Accept: 'text/html' } })
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const found = page.querySelector('[data-results]')
      if (mine !== asked || !found) return
      history.replaceState(null, '', url)
      document.querySelector('[data-results]')?.replaceWith(found)
      improve(found)
    }, 200)
  })
}

function improve(root) {
  showTimes(root)
  showCopyButtons(root)
}

improve(document)
for (const form of document.querySelectorAll('form[data-live]')) followSearch(form)

document.addEventListener('keydown', (event) => {
  const isTyping = event.target.closest('input, textarea, select')
  const search = document.querySelector('input[type=search]')
  if (event.key !== '/' || isTyping || !search) return
  event.preventDefault()
  search.focus()
})

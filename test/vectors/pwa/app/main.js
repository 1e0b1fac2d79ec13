const get = (id) => document.getElementById(id)
const channel = new BroadcastChannel('gatehouse')
channel.onmessage = load

async function load() {
  const answer = await fetch('/api/notes')
  const isOut = answer.status === 401
  for (const id of ['link', 'form', 'popup']) get(id).hidden = !isOut
  if (!isOut) {
    get('notes').textContent = await answer.text()
    return
  }
  const { loginUrl, popupUrl } = await answer.json()
  get('notes').textContent = 'You are signed out'
  get('link').firstChild.href = loginUrl
  get('form').action = loginUrl
  get('popup').onclick = () => signInWindow(popupUrl)
}

function signInWindow(url) {
  window.open('', 'sign-in', 'popup,width=480,height=640')
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: url, target: 'sign-in' })
  document.body.append(form)
  form.submit()
  form.remove()
}

load()

// Runs in the page. What a person who cannot see, or has no mouse, would stumble over: a list of
// faults, empty when there is none.
;(() => {
  const faults = []
  const all = (selector, root = document) => [...root.querySelectorAll(selector)]
  const describe = (element) => {
    const words = element.textContent.trim().replace(/\s+/g, ' ').slice(0, 30)
    return `<${element.localName}> "${words}"`
  }
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true })

  if (document.title.trim() === '') faults.push('the page has no title')
  if (document.documentElement.lang === '') faults.push('the page has no language')
  for (const [selector, least] of [
    ['h1', 1],
    ['main', 1],
    ['meta[name=viewport]', 1],
  ]) {
    const found = all(selector).length
    if (found !== least) faults.push(`there are ${found} ${selector}`)
  }

  const levels = all('h1, h2, h3, h4, h5, h6').map((heading) => Number(heading.localName[1]))
  if (levels.some((level, i) => level > (levels[i - 1] ?? 0) + 1)) {
    faults.push(`a level of headings is left out: ${levels.join(', ')}`)
  }

  for (const field of all('input:not([type=hidden]), select, textarea')) {
    const isLabelled = [...field.labels].some((label) => label.textContent.trim() !== '')
    if (!isLabelled && !field.ariaLabel) faults.push(`${describe(field)} has no label`)
  }
  for (const control of all('button, a[href]')) {
    if (control.textContent.trim() === '' && !control.ariaLabel) {
      faults.push(`${describe(control)} has no name`)
    }
  }
  for (const image of all('img:not([alt]), svg:not([aria-hidden=true]):not([role=img])')) {
    faults.push(`<${image.localName}> has neither a text nor is it hidden`)
  }

  const ids = all('[id]').map(({ id }) => id)
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`twice: #${id}`)
  for (const attribute of ['for', 'aria-labelledby', 'aria-describedby', 'aria-controls']) {
    for (const element of all(`[${attribute}]`)) {
      const missing = element
        .getAttribute(attribute)
        .split(/\s+/)
        .filter((id) => !document.getElementById(id))
      if (missing.length > 0) faults.push(`${attribute} names what is not there: ${missing}`)
    }
  }

  // Contrast: WCAG 2.2 §1.4.3 for text, §1.4.11 for the edges of fields and for the focus.
  const parse = (color) => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number)
    return { r, g, b, a }
  }
  const over = (top, below) => {
    const mix = (channel) => top[channel] * top.a + below[channel] * (1 - top.a)
    return { r: mix('r'), g: mix('g'), b: mix('b'), a: 1 }
  }
  const backgroundOf = (element) => {
    const layers = []
    for (let at = element; at; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor)
      layers.push(layer)
      if (layer.a === 1) return layers.reduceRight((below, top) => over(top, below))
    }
    return null
  }
  const luminance = ({ r, g, b }) => {
    const [red, green, blue] = [r, g, b].map((value) => {
      const share = value / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (color, background) => {
    const [one, two] = [luminance(over(parse(color), background)), luminance(background)]
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05)
  }
  const judge = (what, color, behind, least) => {
    const background = backgroundOf(behind)
    const ratio = background === null ? 0 : contrast(color, background)
    if (ratio < least) faults.push(`${what} has a contrast of ${ratio.toFixed(2)}, not ${least}`)
  }

  let judged = 0
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const element = text.parentElement
    const isText = !['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName)
    if (text.data.trim() === '' || !isText || !isShown(element)) continue
    const { color, fontSize, fontWeight } = getComputedStyle(element)
    const size = parseFloat(fontSize)
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700)
    judge(describe(element), color, element, isLarge ? 3 : 4.5)
    judged++
  }
  if (judged === 0) faults.push('no text was seen')
  for (const field of all('input:not([type=hidden]), select, textarea').filter(isShown)) {
    judge(`the edge of ${describe(field)}`, getComputedStyle(field).borderColor, field, 3)
  }

  // For what has come by the keyboard, one after the other. WCAG 2.2 §2.4.13: two pixels at least.
  globalThis.examineFocus = () => {
    const element = document.activeElement
    if (!element || element === document.body) return { at: -1, faults: ['the focus is nowhere'] }
    faults.length = 0
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element)
    if (outlineStyle === 'none' || parseFloat(outlineWidth) < 2) {
      faults.push(`the focus on ${describe(element)} cannot be seen`)
    } else {
      judge(`the focus on ${describe(element)}`, outlineColor, element.parentElement, 3)
    }
    return { at: focusable().indexOf(element), faults: [...faults] }
  }
  const focusable = () =>
    all('a[href], button, input:not([type=hidden]), select, summary, textarea').filter(isShown)
  return { faults: [...faults], focusable: focusable().length }
})()

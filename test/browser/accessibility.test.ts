/** The examination that the pages pass, on a page that should not. */
import { expect, it } from 'vitest'
import { accessibilityFaults } from './accessibility.ts'
import { launchChromium } from './chromium.ts'

it('finds what is wrong with a page', async () => {
  const browser = await launchChromium()
  const page = await browser.newPage()
  await page.setContent(`<!doctype html>
    <style>
      body { background: #fff; color: #777 }
      p { color: #111; background: rgb(0 0 0 / .8) }
      input { border: 1px solid #ddd }
      #two:focus { outline: none }
      #three:focus { outline: 3px solid #eee }
      #wide { width: 500px }
      .card { border: 1px solid; margin-left: -8px }
    </style>
    <h1 id="same">One</h1><h1 id="same">Two</h1><h3>Three</h3>
    <p>dark on dark</p>
    <input name="field" aria-describedby="nothing">
    <button id="two">two</button><button id="three">three</button><a href="/x" tabindex="1"></a>
    <img src="data:,"><div id="wide">wide</div><div class="card">card</div>`)
  const faults = await accessibilityFaults(page)
  await browser.close()
  for (const fault of [
    'the page has no title',
    'the page has no language',
    'there are 2 h1',
    'there are 0 main',
    'there are 0 meta[name=viewport]',
    'a level of headings is left out: 1, 1, 3',
    '<input> "" has no label',
    '<a> "" has no name',
    '<img> has neither a text nor is it hidden',
    'twice: #same',
    'aria-describedby names what is not there: nothing',
    expect.stringMatching(/^<div> "wide" has a contrast of 4.48, not 4.5$/),
    expect.stringMatching(/^<p> "dark on dark" has a contrast of 1.\d\d, not 4.5$/),
    expect.stringMatching(/^the edge of <input> "" has a contrast of 1.\d\d, not 3$/),
    'the focus on <button> "two" cannot be seen',
    expect.stringMatching(/^the focus on <button> "three" has a contrast of 1.\d\d, not 3$/),
    'Tab 1 leads to 3',
    expect.stringMatching(/^the page is 5\d\d pixels wide where the screen is 320$/),
    'a card goes to the edge of a screen of 320 pixels',
  ]) {
    expect(faults).toContainEqual(fault)
  }
})

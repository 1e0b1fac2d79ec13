/** Express as it comes: it makes an ETag of every answer. `node express-server.mjs <port>`. */
import express from 'express'

const app = express()
const page = 'the same for everybody, and long. '.repeat(8000)
app.get('/page', (_request, response) => void response.type('text').send(page))
app.get('/asset.css', (_request, response) => {
  response.set('Cache-Control', 'public, max-age=31536000').type('css').send('body {}')
})
/** What it was asked with, for the tests. */
app.get('/asked', (request, response) => void response.json(request.headers))
app.listen(Number(process.argv[2]), '127.0.0.1')

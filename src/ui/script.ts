/**
 * What the page does more with JavaScript; without it everything works all the same. It keeps ticks
 * without a reload, copies, makes the link of the SSO step, says that the
 * provider is being asked, and looks whether a page that waits can go on.
 */
export const script = `(() => {
const d = document
d.addEventListener("submit", (e) => {
  const f = e.target, b = e.submitter
  if (b && b.name === "tick") {
    e.preventDefault()
    const on = b.value.slice(0, 1) === "+", li = b.closest("li")
    fetch(b.formAction, { method: "POST", body: new URLSearchParams(new FormData(f, b)), redirect: "manual" })
    li.classList.toggle("done", on)
    b.value = (on ? "-" : "+") + b.value.slice(1)
    b.textContent = on ? b.dataset.undo : b.dataset.tick
    if (on) li.querySelector("details").open = false
    return
  }
  const w = f.querySelector("[data-wait]")
  if (!w) return
  if (f.dataset.sent) return e.preventDefault()
  f.dataset.sent = 1
  setTimeout(() => { w.textContent = w.dataset.wait }, 1000)
  setTimeout(() => { w.textContent = w.dataset.slow }, 4000)
})
addEventListener("pageshow", () => d.querySelectorAll("form").forEach((f) => delete f.dataset.sent))
d.addEventListener("click", (e) => {
  const b = e.target.closest("[data-copy]")
  if (b) navigator.clipboard.writeText(b.dataset.copy).then(() => { b.textContent = b.dataset.done })
})
d.querySelectorAll("[data-suffix]").forEach((i) => i.addEventListener("input", () => {
  const v = i.value.trim(), s = i.dataset.suffix
  d.getElementById(i.dataset.to).textContent = v && v + (v.includes(s) ? "" : s)
}))
d.querySelectorAll("[hidden][data-js]").forEach((x) => { x.hidden = false })
const look = (r) => {
  const [s, u] = r.split(";url=")
  setTimeout(() => fetch(u).then((a) => a.text()).then((t) => {
    const m = /<body data-look="(\\d[^"]+)"/.exec(t)
    if (m) look(m[1])
    else location.replace(u)
  }, () => look(r)), s * 1000)
}
if (d.body.dataset.look) look(d.body.dataset.look)
const auto = d.querySelector("form[data-auto]")
if (auto) auto.submit()
})()`

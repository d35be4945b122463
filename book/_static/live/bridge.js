// The only script in a page of the app (document.js): it tells the book where links and forms lead.

/**
 * Runs in the frame, alone: it is put there as text, with `fragment`, the part after # to begin at.
 *
 * An element of the app's page may be named like a method (`<input name="closest">`), hence the prototypes' own.
 */
export function bridge(fragment) {
  const { getAttribute, closest, scrollIntoView } = Element.prototype;
  const book = window.parent;
  const of = (element, name) => element && getAttribute.call(element, name);
  const tell = (navigate) => book.postMessage({ navigate }, "*");
  const scrollTo = (name) => {
    const target = name && document.getElementById(decodeURIComponent(name));
    if (target) scrollIntoView.call(target);
    else if (!name || name === "top") window.scrollTo(0, 0);
  };
  const read = (file) =>
    new Promise((resolve, reject) => {
      const reader = new FileReader();
      reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
      reader.onerror = () => reject(reader.error);
      reader.readAsDataURL(file);
    });

  const follow = (event) => {
    const link = closest.call(event.target, "a[data-visit], area[data-visit]");
    if (!link) return;
    event.preventDefault();
    const to = of(link, "data-visit");
    if (to.startsWith("#")) scrollTo(to.slice(1));
    else tell({ url: to, method: "GET" });
  };

  const submit = async (event) => {
    const { target, submitter } = event;
    const chosen = (name) => (of(submitter, `form${name}`) ?? of(target, name) ?? "").toLowerCase();
    if (chosen("method") === "dialog") return;
    event.preventDefault();
    const url = new URL(of(submitter, "data-visit") ?? of(target, "data-visit"));
    const method = chosen("method") === "post" ? "POST" : "GET";
    const multipart = method === "POST" && chosen("enctype") === "multipart/form-data";
    const [form, files] = [[], []];
    for (const [field, value] of new FormData(target, submitter)) {
      if (!(value instanceof File)) form.push([field, value.replace(/\r\n?|\n/g, "\r\n")]);
      else if (!multipart) form.push([field, value.name]);
      else {
        const type = value.type || "application/octet-stream";
        files.push({ field, filename: value.name, type, content: await read(value) });
      }
    }
    if (method === "GET") url.search = new URLSearchParams(form);
    tell(method === "GET" ? { url: url.href, method } : { url: url.href, method, form, files, multipart });
  };

  document.addEventListener("click", follow);
  document.addEventListener("auxclick", follow);
  document.addEventListener("submit", submit);
  // Not earlier: until it is drawn, the frame has no height.
  if (fragment) window.addEventListener("load", () => requestAnimationFrame(() => scrollTo(fragment)));
}

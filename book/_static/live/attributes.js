// Attributes of elements that an app has written: a form with a field called "getAttribute" has no such method.
const { getAttribute, removeAttribute, setAttribute } = Element.prototype;

/** An attribute's text; null where there is none. */
export const attribute = (element, name) => getAttribute.call(element, name);

/** Set an attribute, or take it away with null or undefined. */
export function setTo(element, name, value) {
  if (value === null || value === undefined) removeAttribute.call(element, name);
  else setAttribute.call(element, name, value);
}

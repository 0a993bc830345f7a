// What is wider than the page scrolls sideways, and the Tab key reaches it then.
const sized = new ResizeObserver((seen) => {
  for (const { target } of seen) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const wide of document.querySelectorAll(".highlight pre, .table-wrapper, .gk-output")) sized.observe(wide);
// A page that was opened from a disk may not read other pages, so a search there shows their titles alone.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

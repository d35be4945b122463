from flask_magic.workshop.page import elements


def test_text_of_nested_and_neighbouring_elements() -> None:
    found = elements("<ul><li>one <b>two</b><li>three</li></ul><li>four</li>", "li")
    assert [li.text for li in found] == ["one twothree", "three", "four"]


def test_entities_are_resolved_once_in_text_and_attributes() -> None:
    (p,) = elements('<p title="&quot;a&quot; &amp;lt;">&lt;b&gt; &amp;amp;</p>', "p")
    assert p.attributes == {"title": '"a" &lt;'}
    assert p.text == "<b> &amp;"


def test_what_breaks_out_is_seen() -> None:
    page = '<p title=x onmouseover=alert(1)>a<img src=x onerror=alert(2)>b</p><script>alert("<p>")</script>'
    (p,) = elements(page, "p")
    assert p.attributes == {"title": "x", "onmouseover": "alert(1)"}
    assert p.text == "ab"
    assert [img.attributes["onerror"] for img in elements(page, "img")] == ["alert(2)"]
    assert [script.text for script in elements(page, "script")] == ['alert("<p>")']


def test_an_end_tag_without_start_and_a_void_element_close_nothing() -> None:
    assert [p.text for p in elements("<p>a</i><br>b</p>c", "p")] == ["ab"]

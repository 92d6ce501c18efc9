use super::Json;

#[test]
fn members_and_elements_are_separated() {
    let mut json = Json::default();
    json.object(|json| {
        json.key("empty").array(|_| {});
        json.key("numbers").array(|json| (1_u64..4).for_each(|number| json.number(number)));
        json.key("nested").object(|json| json.key("yes").boolean(true));
        json.key("list").array(|json| {
            for text in ["a", "b"] {
                json.line();
                json.string(text);
            }
        });
    });
    let expected = "{\"empty\":[],\"numbers\":[1,2,3],\"nested\":{\"yes\":true},\"list\":[\n\"a\",\n\"b\"]}\n";
    assert_eq!(json.finish(), expected);
}

#[test]
fn text_is_escaped() {
    let mut json = Json::default();
    json.string("a \"b\" \\ \n\t{ é");
    assert_eq!(json.finish(), "\"a \\\"b\\\" \\\\ \\n\\u0009{ é\"\n");
}

#[test]
fn text_that_looks_like_structure_does_not_lose_its_comma() {
    let mut json = Json::default();
    json.array(|json| ["[", "{", ":", ","].into_iter().for_each(|text| json.string(text)));
    assert_eq!(json.finish(), "[\"[\",\"{\",\":\",\",\"]\n");
}

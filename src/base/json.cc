/* SPDX-License-Identifier: Apache-2.0 */
/* A thin shim over simdjson's DOM, which is walked once into a flat array of nodes: C code then
 * needs no calls to look around in a document. Exceptions end here. */
#include "base/json.h"

#include <charconv>
#include <cstring>
#include <new>
#include <string>
#include <vector>

#include <simdjson.h>

#include "base/number.h"

static_assert(JSON_PADDING >= simdjson::SIMDJSON_PADDING, "simdjson reads that far");

struct json_parser {
    simdjson::dom::parser dom;
    std::vector<json_node> nodes;
    std::string quoted; /* a text whose long integers were quoted */
};

namespace
{
using simdjson::dom::element;
using simdjson::dom::element_type;

void add(std::vector<json_node> &nodes, const element &value, const char *key, size_t key_n)
{
    const size_t at = nodes.size();
    nodes.push_back(json_node{JSON_NULL, key, key_n, nullptr, 0, 0, 0, 0, 0});
    json_node node = nodes[at];
    switch (value.type()) {
    case element_type::STRING: {
        const std::string_view text = value.get_string().value_unsafe();
        node.kind = JSON_STRING;
        node.text = text.data();
        node.n = text.size();
        break;
    }
    case element_type::INT64: {
        const int64_t integer = value.get_int64().value_unsafe();
        node.kind = JSON_NUMBER;
        node.number = static_cast<double>(integer);
        node.sign = integer < 0 ? '-' : '+';
        node.integer =
            integer < 0 ? 0 - static_cast<uint64_t>(integer) : static_cast<uint64_t>(integer);
        break;
    }
    case element_type::UINT64:
        node.kind = JSON_NUMBER;
        node.integer = value.get_uint64().value_unsafe();
        node.number = static_cast<double>(node.integer);
        node.sign = '+';
        break;
    case element_type::DOUBLE:
        node.kind = JSON_NUMBER;
        node.number = value.get_double().value_unsafe();
        break;
    case element_type::BOOL:
        node.kind = value.get_bool().value_unsafe() ? JSON_TRUE : JSON_FALSE;
        break;
    case element_type::ARRAY: {
        simdjson::dom::array children;
        node.kind = JSON_ARRAY;
        if (value.get(children) != simdjson::SUCCESS)
            break; /* not reachable: the type was asked for */
        for (const element child : children) {
            add(nodes, child, nullptr, 0);
            node.n++;
        }
        break;
    }
    case element_type::OBJECT: {
        simdjson::dom::object members;
        node.kind = JSON_OBJECT;
        if (value.get(members) != simdjson::SUCCESS)
            break;
        for (const auto member : members) {
            add(nodes, member.value, member.key.data(), member.key.size());
            node.n++;
        }
        break;
    }
    case element_type::NULL_VALUE:
        break;
    }
    node.next = nodes.size();
    nodes[at] = node;
}
/* Puts quotes around whole numbers of 19 digits and more outside strings. Returns whether there
 * were any. A text that is not JSON comes out as something that is not JSON. */
bool quote_long_integers(std::string &out, const char *text, size_t n)
{
    enum { LONG = 19 };
    bool any = false;
    out.clear();
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        if (text[i] == '"') {
            while (end < n && text[end] != '"')
                end += text[end] == '\\' ? 2 : 1;
            end = end < n ? end + 1 : n;
            out.append(text + i, end - i);
        } else if (text[i] == '-' || (text[i] >= '0' && text[i] <= '9')) {
            while (end < n && std::strchr("0123456789+-.eE", text[end]) != nullptr &&
                   text[end] != '\0')
                end++;
            const size_t digits = text[i] == '-' ? i + 1 : i;
            size_t k = digits;
            while (k < end && text[k] >= '0' && text[k] <= '9')
                k++;
            const bool is_long = k == end && end - digits >= LONG && text[digits] != '0';
            any |= is_long;
            out.append(is_long ? "\"" : "").append(text + i, end - i).append(is_long ? "\"" : "");
        } else {
            out.push_back(text[i]);
        }
        i = end;
    }
    return any;
}

const char *what_is_wrong(simdjson::error_code code)
{
    switch (code) {
    case simdjson::EMPTY:
        return "empty";
    case simdjson::DEPTH_ERROR:
        return "nested too deep";
    case simdjson::UTF8_ERROR:
        return "broken UTF-8";
    case simdjson::STRING_ERROR:
        return "a string is not closed or has a broken escape";
    case simdjson::UNCLOSED_STRING:
        return "a string is not closed";
    case simdjson::NUMBER_ERROR:
        return "a number is malformed or too large";
    case simdjson::UNESCAPED_CHARS:
        return "a control character stands unescaped in a string";
    case simdjson::CAPACITY:
        return "longer than 4 GB";
    default:
        return "the structure is broken";
    }
}

simdjson::error_code parse(json_parser *parser, const char *text, size_t n, element &root)
{
    if (parser->dom.max_depth() != JSON_MAX_DEPTH) {
        const auto code = parser->dom.allocate(n, JSON_MAX_DEPTH);
        if (code != simdjson::SUCCESS)
            return code;
    }
    auto code = parser->dom.parse(text, n, false).get(root);
    if (code == simdjson::NUMBER_ERROR && quote_long_integers(parser->quoted, text, n)) {
        const size_t quoted_n = parser->quoted.size();
        parser->quoted.append(JSON_PADDING, ' ');
        code = parser->dom.parse(parser->quoted.data(), quoted_n, false).get(root);
    }
    return code;
}
} // namespace

int json_parser_new(json_parser **out, sikap_error *err)
{
    *out = nullptr;
    try {
        /* simdjson chooses its code for this CPU when it is first asked, with five small allocations
         * of which a failure ends the process: it is asked here, when there has just been room. */
        enum { ROOM = 4096 };
        delete[] new char[ROOM];
        (void)simdjson::get_active_implementation()->name();
        *out = new json_parser;
    } catch (const std::exception &) {
        return error_memory(err, "JSON parser");
    }
    return 0;
}

void json_parser_free(json_parser *parser)
{
    delete parser;
}

int json_parse(json_parser *parser, const char *text, size_t n, const json_node **nodes,
               int *bad_text, sikap_error *err)
{
    *nodes = nullptr;
    if (bad_text != nullptr)
        *bad_text = 0;
    try {
        element root;
        const auto code = parse(parser, text, n, root);
        if (code == simdjson::MEMALLOC)
            return error_memory(err, "JSON");
        if (code != simdjson::SUCCESS) {
            if (bad_text != nullptr)
                *bad_text = code == simdjson::UTF8_ERROR || code == simdjson::STRING_ERROR;
            return error_set(err, SIKAP_DATA, nullptr, 0, "not JSON: %s", what_is_wrong(code));
        }
        parser->nodes.clear();
        add(parser->nodes, root, nullptr, 0);
    } catch (const std::exception &) { /* out of memory, or a length beyond it */
        return error_memory(err, "JSON");
    }
    *nodes = parser->nodes.data();
    return 0;
}

void json_print_number(struct buffer *out, const json_node *number)
{
    if (number->sign == 0) {
        number_print(out, number->number);
        return;
    }
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number->integer);
    if (number->sign == '-')
        buffer_byte(out, '-');
    buffer_bytes(out, digits, static_cast<size_t>(end.ptr - digits));
}

const json_node *json_member(const json_node *nodes, const json_node *object, const char *key)
{
    if (object->kind != JSON_OBJECT)
        return nullptr;
    const size_t key_n = std::strlen(key);
    const json_node *found = nullptr;
    for (size_t i = static_cast<size_t>(object - nodes) + 1; i < object->next; i = nodes[i].next)
        if (nodes[i].key_n == key_n && std::memcmp(nodes[i].key, key, key_n) == 0)
            found = &nodes[i];
    return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <cstring>
#include <new>
#include <vector>

#include <simdjson.h>


struct json_parser {
    simdjson::dom::parser dom;
    std::vector<json_node> nodes;
};

namespace
{
using simdjson::dom::element;
using simdjson::dom::element_type;

void add(std::vector<json_node> &nodes, const element &value, const char *key, size_t key_n)
{
    const size_t at = nodes.size();
    nodes.push_back(json_node{JSON_NULL, key, key_n, nullptr, 0, 0, 0});
    json_node node = nodes[at];
    switch (value.type()) {
    case element_type::STRING: {
        const std::string_view text = value.get_string().value_unsafe();
        node.kind = JSON_STRING;
        node.text = text.data();
        node.n = text.size();
        break;
    }
    case element_type::INT64:
        node.kind = JSON_NUMBER;
        node.number = static_cast<double>(value.get_int64().value_unsafe());
        break;
    case element_type::UINT64:
        node.kind = JSON_NUMBER;
        node.number = static_cast<double>(value.get_uint64().value_unsafe());
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
} // namespace

int json_parser_new(json_parser **out, sikap_error *err)
{
    *out = new (std::nothrow) json_parser;
    return *out == nullptr ? error_memory(err, "JSON parser") : 0;
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
        if (parser->dom.max_depth() != JSON_MAX_DEPTH) {
            const auto code = parser->dom.allocate(n, JSON_MAX_DEPTH);
            if (code != simdjson::SUCCESS)
                return error_memory(err, "JSON");
        }
        element root;
        const auto code = parser->dom.parse(text, n, false).get(root);
        if (code == simdjson::MEMALLOC)
            return error_memory(err, "JSON");
        if (code != simdjson::SUCCESS) {
            if (bad_text != nullptr)
                *bad_text = code == simdjson::UTF8_ERROR || code == simdjson::STRING_ERROR;
            const char *what = code == simdjson::EMPTY         ? "empty"
                               : code == simdjson::DEPTH_ERROR ? "nested too deep"
                               : code == simdjson::UTF8_ERROR  ? "broken UTF-8"
                               : code == simdjson::STRING_ERROR
                                   ? "a string is not closed or has a broken escape"
                               : code == simdjson::UNCLOSED_STRING ? "a string is not closed"
                               : code == simdjson::NUMBER_ERROR    ? "a number is malformed"
                               : code == simdjson::UNESCAPED_CHARS
                                   ? "a control character stands unescaped in a string"
                               : code == simdjson::CAPACITY ? "longer than 4 GB"
                                                            : "the structure is broken";
            return error_set(err, SIKAP_DATA, nullptr, 0, "not JSON: %s", what);
        }
        parser->nodes.clear();
        add(parser->nodes, root, nullptr, 0);
    } catch (const std::bad_alloc &) {
        return error_memory(err, "JSON");
    }
    *nodes = parser->nodes.data();
    return 0;
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

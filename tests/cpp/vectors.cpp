// The shared vectors through the one door of C++. Usage: vectors TABLE
#include "bidden.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

namespace {

using Fields = std::multimap<std::string, std::string>;

struct Record {
    Fields fields;
    std::vector<std::pair<std::string, std::string>> headers;

    bool has(const std::string &name) const { return fields.count(name) > 0; }
    std::string text(const std::string &name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
};

// Records of fields, each "name length\n", the bytes, "\n"; a record ends with "-- 0\n\n".
bool read(std::istream &table, Record &record) {
    record = Record();
    std::string name, header;
    std::size_t length = 0;
    while (table >> name >> length) {
        table.get();
        std::string text(length, '\0');
        table.read(text.data(), static_cast<std::streamsize>(length));
        table.get();
        if (name == "--") {
            return true;
        }
        if (name == "header-name") {
            header = text;
        } else if (name == "header-value") {
            record.headers.emplace_back(header, text);
        }
        record.fields.emplace(name, text);
    }
    return false;
}

// What a vector expects and what came, as two lists of lines that must be equal.
using Lines = std::vector<std::string>;

Lines failure(const bidden::Error &error) { return {"error " + error.message()}; }

bidden::Time moment(const Record &record, const char *name) {
    if (!record.has(name)) {
        return BIDDEN_TIME_ABSENT;
    }
    const auto seconds = bidden::parse_time(record.text(name));
    return seconds ? *seconds : -1;
}

Lines error_lines(const Record &record, const bidden::Error &error) {
    Lines found;
    if (record.has("error-kind")) {
        found.emplace_back(error.slug());
    }
    if (record.has("error-code")) {
        found.push_back(error.platform_code().value_or(""));
    }
    if (record.has("error-status")) {
        found.push_back(std::to_string(error.http_status()));
    }
    if (record.has("error-field")) {
        found.push_back(error.field(0));
    }
    return found;
}

void compare(const Record &record, Lines &expected, Lines &found, const std::string &kind) {
    const auto expect = [&](const char *name) {
        if (record.has(name)) {
            expected.push_back(record.text(name));
        }
    };
    if (kind == "request") {
        for (const char *name : {"method", "url", "body"}) {
            expect(name);
        }
        const auto call = bidden::Call::create(record.text("call"), record.text("arguments"));
        if (!call) {
            found = failure(call.error());
            return;
        }
        bidden::Options options;
        options.base_url = record.text("base-url");
        const auto request = call->request(options);
        found = request ? Lines{request->method(), request->url(), request->body()} : failure(request.error());
    } else if (kind == "reply") {
        for (const char *name : {"reply", "error-kind", "error-code", "error-status", "error-field"}) {
            expect(name);
        }
        const auto call = bidden::Call::create(record.text("call"), record.text("arguments"));
        if (!call) {
            found = failure(call.error());
            return;
        }
        const auto reply = call->read_reply(std::stoi(record.text("status")), record.text("response-body"), record.headers);
        found = reply ? Lines{reply->json()} : record.has("reply") ? failure(reply.error()) : error_lines(record, reply.error());
    } else if (kind == "invalid") {
        expected = {"invalid-input", record.text("fields")};
        const auto call = bidden::Call::create(record.text("call"), record.text("arguments"));
        if (call) {
            found = {"accepted"};
            return;
        }
        Lines names;
        for (std::size_t index = 0; index < call.error().field_count(); ++index) {
            names.push_back(call.error().field(index));
        }
        std::sort(names.begin(), names.end());
        std::string joined;
        for (const std::string &name : names) {
            joined += (joined.empty() ? "" : " ") + name;
        }
        found = {std::string(call.error().slug()), joined};
    } else if (kind == "decision") {
        expect("decision");
        const auto platform = static_cast<bidden::Platform>(bidden_platform_number(record.text("platform").c_str()));
        const auto state = static_cast<bidden::Status>(bidden_status_number(record.text("state").c_str()));
        const auto event = static_cast<bidden::Event>(bidden_event_number(record.text("event").c_str()));
        const auto decision =
            bidden::decide(platform, state, event, bidden::Window{moment(record, "start"), moment(record, "end")}, moment(record, "now"));
        if (!decision) {
            found = failure(decision.error());
        } else if (decision->is_allowed) {
            found = {std::string(bidden::slug(decision->effect)) + " " + std::string(bidden::slug(decision->next))};
        } else {
            std::string text = "refused";
            for (std::int32_t other = BIDDEN_EVENT_INVITE; other <= BIDDEN_EVENT_EXPIRE; ++other) {
                if (decision->allows(static_cast<bidden::Event>(other))) {
                    text += " " + std::string(bidden::slug(static_cast<bidden::Event>(other)));
                }
            }
            found = {text};
        }
    } else if (kind == "signature") {
        for (const char *name : {"sgn", "ts", "message"}) {
            expect(name);
        }
        expected.emplace_back("verified");
        const auto recipe = bidden::Recipe::read(record.text("recipe"));
        auto request = bidden::Request::create(record.text("method"), record.text("url"), record.text("body"));
        if (!recipe || !request) {
            found = {"no recipe or no request"};
            return;
        }
        const std::string ak = record.text("ak"), secret = record.text("secret");
        const bidden::Time now = moment(record, "now");
        const auto signature = recipe->sign(ak, secret, *request, now);
        if (!signature) {
            found = failure(signature.error());
            return;
        }
        const auto message = recipe->message(ak, signature->ts(), *request);
        found = {signature->sgn(), signature->ts(), message ? *message : "no message"};
        const bool authorized = request->authorize(*signature).has_value();
        const auto verified = recipe->verify(ak, secret, *request, now);
        found.push_back(authorized && verified ? "verified" : "not verified");
    } else if (kind == "hmac") {
        expect("sgn");
        const auto encoding = record.text("encoding") == "hex" ? bidden::Encoding::hex : bidden::Encoding::base64;
        const auto sgn = bidden::hmac(record.text("secret"), record.text("message"), encoding);
        found = sgn ? Lines{*sgn} : failure(sgn.error());
    } else if (kind == "callback") {
        for (const char *name : {"event", "error-kind", "error-code", "error-status", "error-field"}) {
            expect(name);
        }
        const auto platform = static_cast<bidden::Platform>(bidden_platform_number(record.text("platform").c_str()));
        const auto key = record.has("key") ? std::optional(record.text("key")) : std::nullopt;
        const auto callback = bidden::Callback::read(platform, record.text("body"), record.headers, key);
        found = callback ? Lines{callback->json()} : record.has("event") ? failure(callback.error()) : error_lines(record, callback.error());
    } else {
        expected = {"a known kind"};
    }
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2) {
        std::cerr << "usage: vectors TABLE\n";
        return 2;
    }
    std::ifstream table(arguments[1], std::ios::binary);
    int passed = 0, failed = 0;
    Record record;
    while (read(table, record)) {
        Lines expected, found;
        compare(record, expected, found, record.text("kind"));
        const std::string name = record.text("platform") + "/" + record.text("id");
        const bool good = !expected.empty() && expected == found;
        (good ? passed : failed)++;
        std::cout << "vector " << name << (good ? " passed\n" : " FAILED\n");
        if (!good) {
            std::cerr << name << '\n';
            for (const std::string &line : expected) {
                std::cerr << "  expected " << line << '\n';
            }
            for (const std::string &line : found) {
                std::cerr << "  found    " << line << '\n';
            }
        }
    }
    std::cout << "vectors c++: " << passed << " passed, " << failed << " failed\n";
    return failed > 0 || passed == 0;
}

// Times oneDNN's convolution, forward, backward-data and backward-weights, and prints one JSON object.
//
//   onednn_layers SECONDS BATCH SIZE CHANNELS FILTERS KERNEL STRIDE PADDING GROUPS
//
// It is started by compare_layers.py with OMP_NUM_THREADS at the number of threads. Activations are NHWC on both ends, as
// ours are; the filters have whatever layout oneDNN likes best. The algorithm is direct convolution, which it picks itself
// too. Each result is compared with sums in double at sampled places before it is timed. Every pass is timed alone, and
// with the copy of the filters, or of their gradient, from or into OHWI, which a training step cannot do without.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <oneapi/dnnl/dnnl.hpp>

#if DNNL_VERSION_MAJOR != 2
#error "This program is written for oneDNN 2, as Debian 12's libdnnl-dev has it."
#endif

namespace {

using Tag = dnnl::memory::format_tag;
using Clock = std::chrono::steady_clock;

constexpr int warm_ups = 2;
constexpr std::size_t min_runs = 5;
constexpr int samples = 64;

struct Layer {
    dnnl::memory::dim batch, size, channels, filters, kernel, stride, padding, groups;

    dnnl::memory::dim output_size() const {
        return (size + 2 * padding - kernel) / stride + 1;
    }

    dnnl::memory::dim group_channels() const {
        return channels / groups;
    }

    dnnl::memory::dim group_filters() const {
        return filters / groups;
    }
};

struct Times {
    double median, fastest;
    std::size_t runs;
};

// A pass alone, and with the copy of its filters.
struct PassTimes {
    Times alone, copied;
};

// A tensor in a plain layout, for inputs and for checking: NHWC activations, or filters as output channels, kernel,
// channels.
struct Plain {
    dnnl::memory memory;
    std::vector<dnnl::memory::dim> sizes; // In memory order, the last one fastest.

    float *data() const {
        return static_cast<float *>(memory.get_data_handle());
    }

    std::size_t count() const {
        std::size_t product = 1;
        for (auto size : sizes)
            product *= static_cast<std::size_t>(size);
        return product;
    }

    double at(dnnl::memory::dim a, dnnl::memory::dim b, dnnl::memory::dim c, dnnl::memory::dim d) const {
        return data()[((a * sizes[1] + b) * sizes[2] + c) * sizes[3] + d];
    }
};

class Benchmark {
  public:
    Benchmark(const Layer &layer, double seconds)
        : layer_(layer), seconds_(seconds), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_),
          input_(activations(layer.size, layer.channels)), output_(activations(layer.output_size(), layer.filters)),
          filters_(filters()) {}

    PassTimes forward() {
        fill(input_, 1);
        fill(filters_, 2);
        poison(output_);
        auto primitive = forward_descriptor();
        dnnl::memory weights(primitive.weights_desc(), engine_);
        reorder(filters_.memory, weights);
        dnnl::convolution_forward convolution(primitive);
        auto run = [&] {
            convolution.execute(
                stream_, {{DNNL_ARG_SRC, input_.memory}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DST, output_.memory}});
        };
        run_once(run);
        check(output_, layer_.group_channels() * layer_.kernel * layer_.kernel, "forward",
              [&](const auto &place) { return output_at(place); });
        return time(run, filters_.memory, weights);
    }

    PassTimes backward_data() {
        fill(output_, 3);
        fill(filters_, 2);
        poison(input_);
        dnnl::convolution_backward_data::primitive_desc primitive({dnnl::algorithm::convolution_direct, plain(input_),
                                                                   any_filters(), plain(output_), strides(), paddings(),
                                                                   paddings()},
                                                                  engine_, forward_descriptor());
        dnnl::memory weights(primitive.weights_desc(), engine_);
        reorder(filters_.memory, weights);
        dnnl::convolution_backward_data convolution(primitive);
        auto run = [&] {
            convolution.execute(
                stream_,
                {{DNNL_ARG_DIFF_SRC, input_.memory}, {DNNL_ARG_WEIGHTS, weights}, {DNNL_ARG_DIFF_DST, output_.memory}});
        };
        run_once(run);
        check(input_, layer_.group_filters() * layer_.kernel * layer_.kernel, "backward-data",
              [&](const auto &place) { return input_gradient_at(place); });
        return time(run, filters_.memory, weights);
    }

    PassTimes backward_weights() {
        fill(input_, 1);
        fill(output_, 3);
        dnnl::convolution_backward_weights::primitive_desc primitive({dnnl::algorithm::convolution_direct, plain(input_),
                                                                      any_filters(), plain(output_), strides(), paddings(),
                                                                      paddings()},
                                                                     engine_, forward_descriptor());
        dnnl::memory weights(primitive.diff_weights_desc(), engine_);
        dnnl::convolution_backward_weights convolution(primitive);
        auto run = [&] {
            convolution.execute(
                stream_,
                {{DNNL_ARG_SRC, input_.memory}, {DNNL_ARG_DIFF_WEIGHTS, weights}, {DNNL_ARG_DIFF_DST, output_.memory}});
        };
        run_once(run);
        reorder(weights, filters_.memory);
        check(filters_, layer_.batch * layer_.output_size() * layer_.output_size(), "backward-weights",
              [&](const auto &place) { return filter_gradient_at(place); });
        return time(run, weights, filters_.memory);
    }

  private:
    using Place = std::vector<dnnl::memory::dim>;

    // Logical sizes are always N×C×H×W in oneDNN; the tag says how they lie in memory.
    Plain activations(dnnl::memory::dim size, dnnl::memory::dim channels) const {
        dnnl::memory::desc description({layer_.batch, channels, size, size}, dnnl::memory::data_type::f32, Tag::nhwc);
        return {dnnl::memory(description, engine_), {layer_.batch, size, size, channels}};
    }

    Plain filters() const {
        const Tag tag = layer_.groups == 1 ? Tag::ohwi : Tag::gohwi;
        dnnl::memory::desc description(filter_sizes(), dnnl::memory::data_type::f32, tag);
        return {dnnl::memory(description, engine_),
                {layer_.filters, layer_.kernel, layer_.kernel, layer_.group_channels()}};
    }

    dnnl::memory::dims filter_sizes() const {
        if (layer_.groups == 1)
            return {layer_.filters, layer_.channels, layer_.kernel, layer_.kernel};
        return {layer_.groups, layer_.group_filters(), layer_.group_channels(), layer_.kernel, layer_.kernel};
    }

    static dnnl::memory::desc plain(const Plain &tensor) {
        return tensor.memory.get_desc();
    }

    dnnl::memory::desc any_filters() const {
        return dnnl::memory::desc(filter_sizes(), dnnl::memory::data_type::f32, Tag::any);
    }

    dnnl::memory::dims strides() const {
        return {layer_.stride, layer_.stride};
    }

    dnnl::memory::dims paddings() const {
        return {layer_.padding, layer_.padding};
    }

    dnnl::convolution_forward::primitive_desc forward_descriptor() const {
        return {{dnnl::prop_kind::forward_training, dnnl::algorithm::convolution_direct, plain(input_), any_filters(),
                 plain(output_), strides(), paddings(), paddings()},
                engine_};
    }

    void reorder(dnnl::memory &from, dnnl::memory &to) {
        dnnl::reorder(from, to).execute(stream_, from, to);
        stream_.wait();
    }

    static void fill(const Plain &tensor, unsigned seed) {
        std::mt19937 random(seed);
        std::uniform_real_distribution<float> values(-1, 1);
        std::generate_n(tensor.data(), tensor.count(), [&] { return values(random); });
    }

    static void poison(const Plain &tensor) {
        std::fill_n(tensor.data(), tensor.count(), NAN);
    }

    // z[n,y,x,o] = Σ w[o,i,j,c] · x[n, y·s + i − p, x·s + j − p, c]
    double output_at(const Place &place) const {
        double sum = 0;
        for (dnnl::memory::dim i = 0; i < layer_.kernel; i++)
            for (dnnl::memory::dim j = 0; j < layer_.kernel; j++) {
                const auto row = place[1] * layer_.stride + i - layer_.padding;
                const auto column = place[2] * layer_.stride + j - layer_.padding;
                if (row < 0 || row >= layer_.size || column < 0 || column >= layer_.size)
                    continue;
                const auto first = place[3] / layer_.group_filters() * layer_.group_channels();
                for (dnnl::memory::dim c = 0; c < layer_.group_channels(); c++)
                    sum += filters_.at(place[3], i, j, c) * input_.at(place[0], row, column, first + c);
            }
        return sum;
    }

    // dx[n,h,v,c] = Σ w[o,i,j,c] · dz[n, (h − i + p)/s, (v − j + p)/s, o], where s divides.
    double input_gradient_at(const Place &place) const {
        double sum = 0;
        for (dnnl::memory::dim i = 0; i < layer_.kernel; i++)
            for (dnnl::memory::dim j = 0; j < layer_.kernel; j++) {
                const auto down = place[1] - i + layer_.padding, across = place[2] - j + layer_.padding;
                if (down < 0 || across < 0 || down % layer_.stride != 0 || across % layer_.stride != 0)
                    continue;
                const auto y = down / layer_.stride, x = across / layer_.stride;
                if (y >= layer_.output_size() || x >= layer_.output_size())
                    continue;
                const auto group = place[3] / layer_.group_channels(), first = group * layer_.group_filters();
                for (dnnl::memory::dim o = first; o < first + layer_.group_filters(); o++)
                    sum += filters_.at(o, i, j, place[3] % layer_.group_channels()) * output_.at(place[0], y, x, o);
            }
        return sum;
    }

    // dw[o,i,j,c] = Σ dz[n,y,x,o] · x[n, y·s + i − p, x·s + j − p, c]
    double filter_gradient_at(const Place &place) const {
        const auto channel = place[0] / layer_.group_filters() * layer_.group_channels() + place[3];
        double sum = 0;
        for (dnnl::memory::dim n = 0; n < layer_.batch; n++)
            for (dnnl::memory::dim y = 0; y < layer_.output_size(); y++)
                for (dnnl::memory::dim x = 0; x < layer_.output_size(); x++) {
                    const auto row = y * layer_.stride + place[1] - layer_.padding;
                    const auto column = x * layer_.stride + place[2] - layer_.padding;
                    if (row >= 0 && row < layer_.size && column >= 0 && column < layer_.size)
                        sum += output_.at(n, y, x, place[0]) * input_.at(n, row, column, channel);
                }
        return sum;
    }

    // The first value, the last and random ones; the tolerance grows with the root of the sum's length, and NaN fails.
    static void check(const Plain &actual, dnnl::memory::dim terms, const std::string &pass,
                      const std::function<double(const Place &)> &expected) {
        std::mt19937_64 random(7);
        std::uniform_int_distribution<std::size_t> any(0, actual.count() - 1);
        for (int k = 0; k < samples; k++) {
            const std::size_t index = k == 0 ? 0 : k == 1 ? actual.count() - 1 : any(random);
            Place place(4);
            auto rest = static_cast<dnnl::memory::dim>(index);
            for (int axis = 3; axis >= 0; axis--) {
                place[axis] = rest % actual.sizes[axis];
                rest /= actual.sizes[axis];
            }
            const double right = expected(place), found = actual.data()[index];
            if (!(std::fabs(found - right) <= 1e-5 * std::sqrt(static_cast<double>(terms)) + 1e-5 * std::fabs(right)))
                throw std::runtime_error("oneDNN's " + pass + " gives " + std::to_string(found) + " instead of " +
                                         std::to_string(right));
        }
    }

    template <typename Run> void run_once(Run &run) {
        run();
        stream_.wait();
    }

    template <typename Run> PassTimes time(Run &run, dnnl::memory &from, dnnl::memory &to) {
        dnnl::reorder copy(from, to);
        auto both = [&] {
            run();
            copy.execute(stream_, from, to);
        };
        const Times alone = time(run);
        return {alone, time(both)};
    }

    template <typename Run> Times time(Run &run) {
        for (int i = 0; i < warm_ups; i++)
            run_once(run);
        std::vector<double> times;
        const auto start = Clock::now();
        while (times.size() < min_runs || seconds_since(start) < seconds_) {
            const auto before = Clock::now();
            run_once(run);
            times.push_back(seconds_since(before) * 1e3);
        }
        std::sort(times.begin(), times.end());
        const double median = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
        return {median, times.front(), times.size()};
    }

    static double seconds_since(Clock::time_point start) {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    Layer layer_;
    double seconds_;
    dnnl::engine engine_;
    dnnl::stream stream_;
    Plain input_, output_, filters_;
};

void print(const char *pass, const PassTimes &times, bool last) {
    const Times &alone = times.alone, &copied = times.copied;
    std::printf("\"%s\":{\"ms\":%.6f,\"ms_min\":%.6f,\"runs\":%zu,", pass, alone.median, alone.fastest, alone.runs);
    std::printf("\"copied_ms\":%.6f,\"copied_ms_min\":%.6f}%s", copied.median, copied.fastest, last ? "" : ",");
}

} // namespace

int main(int count, char **arguments) {
    if (count != 10) {
        std::fprintf(stderr, "usage: onednn_layers SECONDS BATCH SIZE CHANNELS FILTERS KERNEL STRIDE PADDING GROUPS\n");
        return 2;
    }
    try {
        auto number = [&](int place) { return static_cast<dnnl::memory::dim>(std::atoll(arguments[place])); };
        Benchmark benchmark({number(2), number(3), number(4), number(5), number(6), number(7), number(8), number(9)},
                            std::atof(arguments[1]));
        const PassTimes forward = benchmark.forward(), data = benchmark.backward_data(), weights = benchmark.backward_weights();
        std::printf("{\"onednn\":\"%d.%d.%d\",", dnnl_version()->major, dnnl_version()->minor, dnnl_version()->patch);
        print("forward", forward, false);
        print("backward-data", data, false);
        print("backward-filter", weights, true);
        std::printf("}\n");
        return 0;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
